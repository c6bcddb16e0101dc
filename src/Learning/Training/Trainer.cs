using System.Globalization;
using ExampleMlFarm.Core;
using ExampleMlFarm.Core.Randomness;
using ExampleMlFarm.Learning.Dense;
using ExampleMlFarm.Learning.Networks;

namespace ExampleMlFarm.Learning.Training;

/// <summary>
/// Trains one network, an epoch at a time. Weights follow from spec, options and data alone: the same bits on any machine,
/// in any process, stopped and resumed at any epoch. Knows nothing of files; one thread; not safe to share between threads.
/// </summary>
public sealed unsafe partial class Trainer
{
    /// <summary>Improvements smaller than this share count as none.</summary>
    private const double Improvement = 1e-6;

    private readonly MlpSpec spec;
    private readonly TrainingOptions options;
    private readonly RowSplit split;
    private readonly FittedNormalisation inputs;
    private readonly FittedNormalisation targets;
    private readonly float[] trainInputs;
    private readonly float[] trainTargets;
    private readonly float[] validationInputs;
    private readonly float[] validationTargets;
    private readonly string key;
    private readonly MlpParameters parameters;
    private readonly MlpPass pass;
    private readonly StepRule rule;
    private readonly LossFunction loss;
    private readonly AlignedFloats batchInputs;
    private readonly AlignedFloats batchTargets;
    private readonly TimeProvider clock;
    private readonly List<EpochRow> log = [];
    private float[] bestValues;
    private long step;
    private int stale;

    private Trainer(MlpSpec spec, TrainingOptions options, TrainingData data, TimeProvider clock)
    {
        (this.spec, this.options, this.clock) = (spec, options, clock);
        split = RowSplit.Make(data, options);
        inputs = FittedNormalisation.Fit(options.InputNormalisation, data.Inputs.Span, data.InputLength, split.Training, data.InputBlocks, totalVariance: false);
        targets = FittedNormalisation.Fit(options.TargetNormalisation, data.Targets.Span, data.TargetLength, split.Training, [], totalVariance: true);
        trainInputs = inputs.Gather(data.Inputs.Span, split.Training);
        trainTargets = targets.Gather(data.Targets.Span, split.Training);
        validationInputs = inputs.Gather(data.Inputs.Span, split.Validation);
        validationTargets = targets.Gather(data.Targets.Span, split.Validation);
        key = StateKey(spec, options, data, split);
        parameters = new(spec);
        parameters.Initialise(spec);
        int batch = Math.Min(options.MaxBatchSize, split.Training.Length);
        pass = new(parameters, spec.Activation, batch);
        rule = new(options, parameters);
        loss = new(options, spec.OutputLength);
        batchInputs = new(checked(batch * spec.InputLength));
        batchTargets = new(checked(batch * spec.OutputLength));
        bestValues = parameters.Values.Span.ToArray();
    }

    /// <summary>Epochs done.</summary>
    public int Epoch => log.Count;

    /// <summary>Steps done.</summary>
    public long Step => step;

    /// <summary>Why training is over, or <see cref="StopReason.None"/>.</summary>
    public StopReason Stopped { get; private set; }

    /// <summary>The lowest validation loss so far, and after which epoch; null before the first evaluation or without validation.</summary>
    public (int Epoch, double ValidationLoss)? Best { get; private set; }

    /// <summary>One row per epoch done.</summary>
    public IReadOnlyList<EpochRow> Log => log;

    /// <summary>Rows trained on and rows validated on.</summary>
    public (int Training, int Validation) Rows => (split.Training.Length, split.Validation.Length);

    /// <summary>
    /// Prepares a training: splits, fits the normalisation, draws the first weights.
    /// <paramref name="clock"/> serves <see cref="EpochRow.Seconds"/> and nothing else.
    /// </summary>
    /// <exception cref="FarmException"><c>training.spec</c>, <c>training.options</c>, <c>training.data</c>, <c>training.split</c>.</exception>
    public static Trainer Create(MlpSpec spec, TrainingOptions options, TrainingData data, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        spec.Check();
        options.Check(spec.OutputLength);
        if (spec.InputLength != data.InputLength || spec.OutputLength != data.TargetLength)
            throw FarmException.Invalid("training.data",
                $"the network maps {spec.InputLength} to {spec.OutputLength} entries, but the data has {data.InputLength} and {data.TargetLength}");
        if (data.InputBlocks.Count > 0 && (data.InputBlocks.Any(b => b < 1) || data.InputBlocks.Sum(b => (long)b) != data.InputLength))
            throw FarmException.Invalid("training.data", $"input contributions of {string.Join(" + ", data.InputBlocks)} entries do not make rows of {data.InputLength}");
        return new Trainer(spec, options, data, clock ?? TimeProvider.System);
    }

    /// <summary>One pass over the training rows. Does nothing once training has stopped.</summary>
    /// <exception cref="FarmException"><c>training.diverged</c>: the loss is no longer a number.</exception>
    public EpochRow RunEpoch()
    {
        if (Stopped != StopReason.None) return log[^1];
        long started = clock.GetTimestamp();
        double before = log.Count == 0 ? 0 : log[^1].Seconds;
        double rate = LearningRates.At(options, Epoch);
        double trained = TrainRows(rate);
        int epoch = Epoch + 1;
        bool evaluates = options.EnableValidation && (epoch % options.EpochsPerEvaluation == 0 || (options.LimitEpochs && epoch == options.MaxEpochs));
        double? validated = evaluates ? Evaluate(validationInputs, validationTargets) : null;
        if (!double.IsFinite(trained) || (validated is { } v && !double.IsFinite(v)))
            throw new FarmException(new Failure(FailureClass.Permanent, "training.diverged",
                string.Create(CultureInfo.InvariantCulture, $"the loss of epoch {epoch} is no longer a number (learning rate {rate:g3}, optimizer {options.Optimizer}); lower the learning rate")));
        var row = new EpochRow(epoch, trained, validated, rate, before + clock.GetElapsedTime(started).TotalSeconds);
        log.Add(row);
        if (validated is { } measured) Judge(epoch, measured);
        if (Stopped == StopReason.None && options.LimitEpochs && epoch >= options.MaxEpochs) Stopped = StopReason.MaxEpochs;
        if (Stopped == StopReason.None && options.MaxIterations > 0 && step >= options.MaxIterations) Stopped = StopReason.MaxIterations;
        return row;
    }

    /// <summary>Runs to the end; <paramref name="progress"/> sees each epoch, with the trainer in a state that can be saved.</summary>
    public StopReason Run(Action<EpochRow>? progress = null, CancellationToken cancellation = default)
    {
        while (Stopped == StopReason.None)
        {
            cancellation.ThrowIfCancellationRequested();
            var row = RunEpoch();
            progress?.Invoke(row);
        }
        return Stopped;
    }

    private double TrainRows(double rate)
    {
        int rows = split.Training.Length, batch = pass.MaxRows, d = spec.InputLength, o = spec.OutputLength;
        int[]? order = options.Shuffle ? CounterRandom.Keyed(options.ShuffleRandomSeed, "training", Epoch, "order").Permutation(rows) : null;
        double sum = 0;
        int seen = 0;
        for (int first = 0; first < rows; first += batch)
        {
            int count = Math.Min(batch, rows - first);
            for (int r = 0; r < count; r++)
            {
                int row = order is null ? first + r : order[first + r];
                trainInputs.AsSpan(row * d, d).CopyTo(batchInputs.Span[(r * d)..]);
                trainTargets.AsSpan(row * o, o).CopyTo(batchTargets.Span[(r * o)..]);
            }
            float* output = pass.Forward(batchInputs.Pointer, count);
            sum += loss.SumAndGradient(output, batchTargets.Pointer, pass.OutputGradient, count);
            pass.Backward(batchInputs.Pointer, count);
            rule.Apply(pass.Gradient, rate, ++step);
            seen += count;
            if (options.MaxIterations > 0 && step >= options.MaxIterations) break;
        }
        return sum / seen;
    }

    private double Evaluate(float[] x, float[] t)
    {
        int d = spec.InputLength, o = spec.OutputLength, rows = x.Length / d;
        double sum = 0;
        fixed (float* px = x, pt = t)
            for (int first = 0; first < rows; first += pass.MaxRows)
            {
                int count = Math.Min(pass.MaxRows, rows - first);
                sum += loss.Sum(pass.Forward(px + (nint)first * d, count), pt + (nint)first * o, count);
            }
        return sum / rows;
    }

    private void Judge(int epoch, double validated)
    {
        if (IsBetter(validated, Best?.ValidationLoss))
        {
            Best = (epoch, validated);
            parameters.Values.Span.CopyTo(bestValues);
            stale = 0;
        }
        else
        {
            stale++;
        }
        if (options.EnableEarlyStopping && stale >= options.Patience) Stopped = StopReason.EarlyStopping;
    }
}
