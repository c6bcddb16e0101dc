using CsCheck;
using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Training;

namespace ExampleMlFarm.Tests.Learning.Training;

public class TrainerInputTests
{
    [Fact]
    public void Every_option_out_of_range_is_named_at_once()
    {
        var data = Problems.Teacher(10);
        var bad = new TrainingOptions { LearningRate = -1, MaxBatchSize = 0, Patience = 0, BetaOne = 1, WeightDecay = double.NaN, StepGamma = 2 };
        string message = Assert.Throws<FarmException>(() => Trainer.Create(Problems.Spec(data, 4), bad, data)).Failure.Message;
        foreach (string name in (string[])["learning_rate is -1", "max_batch_size is 0", "patience", "beta_one", "weight_decay", "step_gamma"]) Assert.Contains(name, message);
    }

    [Fact]
    public void Training_that_nothing_would_end_is_refused()
    {
        var data = Problems.Teacher(10);
        var endless = Problems.Plain with { LimitEpochs = false };
        Assert.Contains("limit_epochs", Assert.Throws<FarmException>(() => Trainer.Create(Problems.Spec(data, 4), endless, data)).Failure.Message);
    }

    [Fact]
    public void Split_by_proportions_is_disjoint_complete_and_never_empty()
        => Gen.Select(Gen.Int[2, 200], Gen.Int[1, 100], Gen.Int[1, 100], Gen.Bool).Sample((rows, training, validation, shuffle) =>
        {
            var data = Problems.Teacher(rows);
            var split = RowSplit.Make(data, new TrainingOptions { TrainingDataProportion = training, ValidationDataProportion = validation, Shuffle = shuffle });
            Assert.Equal(Enumerable.Range(0, rows), split.Training.Concat(split.Validation).Order());
            Assert.NotEmpty(split.Training);
            Assert.NotEmpty(split.Validation);
        }, iter: 50);

    [Fact]
    public void Given_split_is_kept_and_the_limit_cuts_training_rows_alone()
    {
        var data = Problems.Teacher(10) with { Split = new([9, 1, 2, 3], [5, 6]) };
        var split = RowSplit.Make(data, new TrainingOptions { LimitSize = true, UpperLimit = 3 });
        Assert.Equal([9, 1, 2], split.Training);
        Assert.Equal([5, 6], split.Validation);
        Assert.Contains("row 11", Assert.Throws<FarmException>(() => RowSplit.Make(data with { Split = new([11], [1]) }, new())).Failure.Message);
        Assert.Contains("row 1 is in the split twice", Assert.Throws<FarmException>(() => RowSplit.Make(data with { Split = new([1], [1]) }, new())).Failure.Message);
    }

    [Fact]
    public void State_of_other_data_options_or_network_is_refused()
    {
        var data = Problems.Teacher(20);
        var other = Problems.Teacher(21);
        var spec = Problems.Spec(data, 4);
        var options = new TrainingOptions { MaxEpochs = 2 };
        byte[] state = Trainer.Create(spec, options, data).State();
        foreach (var attempt in (Action[])[
            () => Trainer.Resume(spec, options, other, state),
            () => Trainer.Resume(spec with { Seed = 3 }, options, data, state),
            () => Trainer.Resume(spec, options with { LearningRate = 0.5 }, data, state)])
            Assert.Equal("training.state_mismatch", Assert.Throws<FarmException>(attempt).Failure.Code);
        // More epochs of a constant rate are no other training.
        Assert.Equal(0, Trainer.Resume(spec, options with { MaxEpochs = 5 }, data, state).Epoch);
    }

    [Fact]
    public void Damaged_state_gives_a_typed_error()
    {
        var data = Problems.Teacher(20);
        var spec = Problems.Spec(data, 4);
        var options = new TrainingOptions { MaxEpochs = 2 };
        var trainer = Trainer.Create(spec, options, data);
        trainer.RunEpoch();
        byte[] state = trainer.State();
        Gen.Select(Gen.Int[0, state.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, kind) =>
        {
            byte[] damaged = kind == 0 ? state[..at] : (byte[])state.Clone();
            if (kind != 0) damaged[at % (kind == 1 ? 900 : damaged.Length)] = value;
            try
            {
                Trainer.Resume(spec, options, data, damaged).RunEpoch();
            }
            catch (FarmException e)
            {
                Assert.Contains(e.Failure.Code, (string[])["tensors.corrupt", "training.state_mismatch", "training.diverged"]);
            }
        }, iter: 3000, threads: 1);
    }

    [Theory]
    [InlineData(Scheduler.Constant, 4, 0.1)]
    [InlineData(Scheduler.Linear, 5, 0.055)]
    [InlineData(Scheduler.Step, 6, 0.025)]
    [InlineData(Scheduler.Exponential, 2, 0.081)]
    [InlineData(Scheduler.Cosine, 5, 0.055)]
    [InlineData(Scheduler.Cosine, 10, 0.01)]
    [InlineData(Scheduler.Linear, 10, 0.01)]
    public void Learning_rate_follows_its_schedule(Scheduler scheduler, int epoch, double expected)
    {
        var options = new TrainingOptions { Scheduler = scheduler, LearningRate = 0.1, EndLearningRate = 0.01, MaxEpochs = 11, StepSize = 3, StepGamma = 0.5, ExponentialGamma = 0.9 };
        Assert.Equal(expected, LearningRates.At(options, epoch), 12);
    }

    [Fact]
    public void Exponential_rate_by_its_end_reaches_it_in_the_last_epoch()
    {
        var options = new TrainingOptions { Scheduler = Scheduler.Exponential, ExponentialStyle = ExponentialStyle.EndLearningRate, LearningRate = 0.1, EndLearningRate = 0.001, MaxEpochs = 11 };
        Assert.Equal(0.001, LearningRates.At(options, 10), 12);
        Assert.Equal(0.01, LearningRates.At(options, 5), 12);
    }

    [Fact]
    public void Block_normalisation_centres_each_entry_and_scales_each_contribution_as_one()
    {
        // Two contributions of two entries: the second entry of the first is constant, the second contribution is tiny.
        float[] values = [1, 5, 0.1f, 0.2f, 3, 5, 0.3f, 0.2f, 1, 5, 0.1f, 0.4f, 3, 5, 0.3f, 0.4f];
        var fitted = FittedNormalisation.Fit(Normalisation.Block, values, 4, [0, 1, 2, 3], [2, 2], totalVariance: false);
        Assert.Equal([2f, 5f, 0.2f, 0.3f], fitted.Mean);
        Assert.Equal(1, fitted.Scale[0], 6);
        Assert.Equal(fitted.Scale[0], fitted.Scale[1]);
        Assert.Equal(0.1f, fitted.Scale[2], 6);
        Assert.Equal(fitted.Scale[2], fitted.Scale[3]);
        var targets = FittedNormalisation.Fit(Normalisation.Block, values, 4, [0, 1, 2, 3], [], totalVariance: true);
        Assert.Equal(Math.Sqrt(1 + 0.01 + 0.01), targets.Scale[0], 5);
        Assert.Single(targets.Scale.Distinct());
    }

    [Fact]
    public void Normalisation_is_fitted_on_training_rows_alone()
    {
        float[] x = [0, 1, 2, 1000], y = [0, 1, 2, -1000];
        var data = new TrainingData(1, 1, x, y) { Split = new([0, 1, 2], [3]) };
        var weights = Trainer.Create(Problems.Spec(data), new TrainingOptions(), data).Network();
        Assert.Equal(1f, ((ExampleMlFarm.Learning.Networks.NormaliseLayer)weights.Layers[0]).Mean[0]);
    }
}
