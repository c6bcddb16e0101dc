using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Networks;
using ExampleMlFarm.Learning.Training;

namespace ExampleMlFarm.Tests.Learning.Training;

public class TrainerTests
{
    [Fact]
    public void Same_seed_gives_the_same_weights_and_another_seed_does_not()
    {
        var data = Problems.Teacher(70);
        var options = new TrainingOptions { MaxEpochs = 3, MaxBatchSize = 16 };
        byte[] Weights(ulong seed, ulong shuffle)
        {
            var trainer = Trainer.Create(Problems.Spec(data, 19, 7) with { Seed = seed }, options with { ShuffleRandomSeed = shuffle }, data);
            trainer.Run();
            return trainer.Weights();
        }
        byte[] first = Weights(1, 1);
        Assert.Equal(first, Weights(1, 1));
        Assert.NotEqual(first, Weights(2, 1));
        Assert.NotEqual(first, Weights(1, 2));
    }

    [Fact]
    public void Weights_are_those_of_every_machine_and_version()
    {
        // The bits themselves: a change here means that old trainings are no longer reproduced, and must be meant.
        var data = Problems.Teacher(64);
        var trainer = Trainer.Create(Problems.Spec(data, 8), new TrainingOptions { MaxEpochs = 5, MaxBatchSize = 16, WeightDecay = 1e-4 }, data);
        trainer.Run();
        Assert.Equal("80a3304c9c34d46f", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(trainer.Weights()))[..16]);
    }

    [Theory]
    [InlineData(Optimizer.Adam, Scheduler.Cosine)]
    [InlineData(Optimizer.Adamw, Scheduler.Exponential)]
    [InlineData(Optimizer.Sgd, Scheduler.Step)]
    [InlineData(Optimizer.Adadelta, Scheduler.Linear)]
    public void Stopped_and_resumed_at_any_epoch_the_trajectory_is_the_same_to_the_bit(Optimizer optimizer, Scheduler scheduler)
    {
        var data = Problems.Teacher(50);
        var spec = Problems.Spec(data, 9);
        var options = new TrainingOptions { Optimizer = optimizer, Scheduler = scheduler, SgdMomentum = 0.5, MaxEpochs = 6, MaxBatchSize = 16, WeightDecay = 1e-4, LearningRate = 0.01, StepSize = 2 };
        var whole = Trainer.Create(spec, options, data);
        whole.Run();
        for (int stop = 0; stop <= 6; stop++)
        {
            var first = Trainer.Create(spec, options, data);
            for (int e = 0; e < stop; e++) first.RunEpoch();
            var second = Trainer.Resume(spec, options, data, first.State());
            second.Run();
            Assert.Equal(whole.Weights(), second.Weights());
            Assert.Equal(whole.Log.Select(r => r with { Seconds = 0 }), second.Log.Select(r => r with { Seconds = 0 }));
            Assert.Equal((whole.Stopped, whole.Step, whole.Best), (second.Stopped, second.Step, second.Best));
        }
    }

    [Fact]
    public void Resumed_training_stops_early_where_the_whole_one_does()
    {
        var data = Noise();
        var options = new TrainingOptions { MaxEpochs = 200, Patience = 4, LearningRate = 0.02 };
        var whole = Trainer.Create(Problems.Spec(data, 32), options, data);
        Assert.Equal(StopReason.EarlyStopping, whole.Run());
        var half = Trainer.Create(Problems.Spec(data, 32), options, data);
        while (half.Epoch < whole.Epoch - 2) half.RunEpoch();
        var rest = Trainer.Resume(Problems.Spec(data, 32), options, data, half.State());
        Assert.Equal(StopReason.EarlyStopping, rest.Run());
        Assert.Equal(whole.Epoch, rest.Epoch);
        Assert.Equal(whole.Weights(), rest.Weights());
        Assert.Equal(StopReason.EarlyStopping, Trainer.Resume(Problems.Spec(data, 32), options, data, rest.State()).Stopped);
    }

    [Fact]
    public void Early_stopping_restores_the_best_weights()
    {
        var data = Noise();
        var trainer = Trainer.Create(Problems.Spec(data, 64), new TrainingOptions { MaxEpochs = 300, Patience = 10, LearningRate = 0.02 }, data);
        Assert.Equal(StopReason.EarlyStopping, trainer.Run());
        var best = trainer.Log.MinBy(r => r.ValidationLoss!.Value);
        var summary = trainer.Summary();
        Assert.Equal(best.Epoch, trainer.Best!.Value.Epoch);
        Assert.Equal(trainer.Epoch, best.Epoch + 10);
        Assert.Equal(best.ValidationLoss!.Value, summary.ValidationLoss!.Value);
        Assert.True(trainer.Log[^1].ValidationLoss > best.ValidationLoss, "the last epoch is worse than the best one");
    }

    [Fact]
    public void Noise_free_teacher_is_learned_to_a_hundred_thousandth_of_the_target_variance()
    {
        var data = Problems.Teacher(256);
        var options = new TrainingOptions { EnableValidation = false, EnableEarlyStopping = false, MaxEpochs = 1000, MaxBatchSize = 64, LearningRate = 0.01, Scheduler = Scheduler.Cosine };
        var trainer = Trainer.Create(Problems.Spec(data, 32), options, data);
        trainer.Run();
        // Block normalisation: total target variance is 1, and the loss is the sum over a row.
        Assert.True(trainer.Summary().TrainLoss < 1e-5, $"loss {trainer.Summary().TrainLoss:e2}");
    }

    [Fact]
    public void No_hidden_layer_learns_an_affine_map()
    {
        float[] x = new float[200], y = new float[100];
        for (int r = 0; r < 100; r++)
        {
            (x[2 * r], x[2 * r + 1]) = (MathF.Sin(r), MathF.Cos(r * 1.7f));
            y[r] = 3 * x[2 * r] - 2 * x[2 * r + 1] + 5;
        }
        var data = new TrainingData(2, 1, x, y);
        var trainer = Trainer.Create(Problems.Spec(data), new TrainingOptions { EnableValidation = false, EnableEarlyStopping = false, LearningRate = 0.05, MaxEpochs = 400 }, data);
        trainer.Run();
        float[] got = trainer.Network().Evaluate(new float[] { 0, 0, 1, 1 });
        Assert.Equal(5, got[0], 1e-3);
        Assert.Equal(6, got[1], 1e-3);
    }

    [Fact]
    public void Weight_decay_shrinks_weights_and_not_biases()
    {
        var data = Problems.Teacher(64);
        double Norm(double decay)
        {
            var trainer = Trainer.Create(Problems.Spec(data, 16), new TrainingOptions { MaxEpochs = 200, EnableEarlyStopping = false, EnableValidation = false, WeightDecay = decay, LearningRate = 0.01 }, data);
            trainer.Run();
            return trainer.Network().Layers.OfType<AffineLayer>().Sum(l => l.Weight.Sum(w => (double)w * w));
        }
        Assert.True(Norm(0.1) < 0.2 * Norm(0));

        // Nothing to learn but the offset: it survives any decay.
        var constant = new TrainingData(1, 1, new float[] { 1, 2, 3, 4 }, new float[] { 7, 7, 7, 7 });
        var flat = Trainer.Create(Problems.Spec(constant), Problems.Plain with { WeightDecay = 10, MaxEpochs = 2000, LearningRate = 0.05 }, constant);
        flat.Run();
        Assert.Equal(7f, flat.Network().Evaluate(new float[] { 2 })[0], 1e-2f);
    }

    [Fact]
    public void Not_a_number_in_the_data_is_reported_with_row_and_column()
    {
        float[] x = new float[12], y = new float[8];
        y[5] = float.NaN;
        var error = Assert.Throws<FarmException>(() => new TrainingData(3, 2, x, y));
        Assert.Equal("training.data", error.Failure.Code);
        Assert.Contains("target row 2, column 1 is NaN", error.Failure.Message);
        x[7] = float.PositiveInfinity;
        Assert.Contains("input row 2, column 1", Assert.Throws<FarmException>(() => new TrainingData(3, 2, x, y)).Failure.Message);
    }

    [Fact]
    public void Diverged_training_is_reported_and_not_exported()
    {
        var data = Problems.Teacher(64);
        var trainer = Trainer.Create(Problems.Spec(data, 16), Problems.Plain with { Optimizer = Optimizer.Sgd, LearningRate = 1e6, MaxEpochs = 100 }, data);
        Assert.Equal("training.diverged", Assert.Throws<FarmException>(() => trainer.Run()).Failure.Code);
    }

    [Fact]
    public void Max_iterations_ends_within_an_epoch()
    {
        var data = Problems.Teacher(64);
        var trainer = Trainer.Create(Problems.Spec(data, 4), Problems.Plain with { MaxBatchSize = 8, MaxIterations = 11 }, data);
        Assert.Equal(StopReason.MaxIterations, trainer.Run());
        Assert.Equal(11, trainer.Step);
        Assert.Equal(2, trainer.Epoch);
    }

    [Fact]
    public void Few_examples_start_from_the_mean_and_not_from_noise()
    {
        var data = Problems.Teacher(64);
        var trainer = Trainer.Create(Problems.Spec(data, 32), new TrainingOptions(), data);
        float[] outputs = trainer.Network().Evaluate(data.Inputs.Span);
        Assert.Equal(outputs[..2], outputs[2..4]);
    }

    /// <summary>Targets that do not follow from the inputs: only the training rows can be learned.</summary>
    private static TrainingData Noise()
    {
        float[] x = new float[120], y = new float[60];
        for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i * 12.9898f) * 2;
        for (int i = 0; i < y.Length; i++) y[i] = MathF.Sin(i * 78.233f) + 0.3f * x[2 * i];
        return new(2, 1, x, y);
    }
}
