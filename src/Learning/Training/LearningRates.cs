namespace ExampleMlFarm.Learning.Training;

/// <summary>The learning rate of each epoch, as a function of its number alone: a resumed training needs no memory of it.</summary>
internal static class LearningRates
{
    /// <summary>Rate of epoch 0, 1, ….</summary>
    public static double At(TrainingOptions options, int epoch)
    {
        double first = options.LearningRate, end = options.EndLearningRate;
        int decay = options.LinearDecay > 0 ? options.LinearDecay : options.MaxEpochs;
        double progress = decay > 1 ? Math.Min(1, epoch / (double)(decay - 1)) : 0;
        return options.Scheduler switch
        {
            Scheduler.Constant => first,
            Scheduler.Linear => first + (end - first) * progress,
            Scheduler.Step => first * Power(options.StepGamma, epoch / options.StepSize),
            Scheduler.Exponential when options.ExponentialStyle == ExponentialStyle.Gamma => first * Power(options.ExponentialGamma, epoch),
            Scheduler.Exponential => first * Math.Pow(end / first, progress),
            Scheduler.Cosine => end + (first - end) * 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Scheduler, null),
        };
    }

    /// <summary>x to a whole power by squaring: the same bits everywhere, which the C library's pow does not promise.</summary>
    public static double Power(double x, long exponent)
    {
        double result = 1;
        for (; exponent > 0; exponent >>= 1, x *= x)
            if ((exponent & 1) != 0) result *= x;
        return result;
    }
}
