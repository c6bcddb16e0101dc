using System.Globalization;
using System.Text;
using ExampleMlFarm.Core.Items;
using ExampleMlFarm.Learning.Inference;
using ExampleMlFarm.Tests.Nodes.World;

namespace ExampleMlFarm.Tests.Nodes;

/// <summary>Each option of <c>ml_train_regression</c> does what it says, and saved states that are of no use are left alone.</summary>
public sealed class TrainingNodeTests
{
    private const string NoStop = "early_stopping: { enable: false }, ";

    [Fact]
    public void Without_validation_nothing_is_measured_nothing_stops_early_and_the_last_weights_are_kept()
    {
        using var run = SmallTraining.Cook("max_epochs: 30, enable_validation: false, early_stopping: { patience: 1 }");
        var train = run["train"].Single();
        Assert.Null(train.Failure);
        Assert.DoesNotContain(train.Result.Metrics!, m => m.Name.StartsWith("validation", StringComparison.Ordinal));
        Assert.Equal((30, 30), (train.Metric("epochs"), train.Metric("best_epoch")));
        // The same steps as with validation, which only looks on.
        using var watched = SmallTraining.Cook(NoStop + "max_epochs: 30");
        Assert.Equal(Column(run, 1), Column(watched, 1));
        Assert.All(Column(run, 2), v => Assert.Equal("", v));
        Assert.All(Column(watched, 2), v => Assert.NotEqual("", v));
    }

    [Fact]
    public void Proportions_split_training_and_validation_rows_anew_and_leave_the_test_rows_out()
    {
        using var own = SmallTraining.Cook(NoStop + "max_epochs: 2");
        using var halves = SmallTraining.Cook(NoStop + "max_epochs: 2, training_data_proportion: 1, validation_data_proportion: 1");
        var manifest = Geometry.Datasets.DatasetManifest.FromJson(own.Bytes(own["dataset"].Single().Output("dataset.json")), "");
        long pooled = manifest.Splits.Where(s => s.Name != "test").Sum(s => s.Rows);
        Assert.True(pooled < SmallTraining.Rows);
        Assert.Equal((manifest.Splits[0].Rows, manifest.Splits[1].Rows), RowsOf(own));
        Assert.Equal((pooled - (long)Math.Round(pooled / 2.0), (long)Math.Round(pooled / 2.0)), RowsOf(halves));
        using var other = SmallTraining.Cook(NoStop + "max_epochs: 2, training_data_proportion: 1, validation_data_proportion: 1, shuffle_random_seed: 9");
        Assert.NotEqual(Column(halves, 2), Column(other, 2));
        using var limited = SmallTraining.Cook(NoStop + "max_epochs: 2, training_data_proportion: 3, validation_data_proportion: 1, upper_limit: 20");
        Assert.Equal((15L, 5L), RowsOf(limited));
    }

    [Fact]
    public void Proportions_that_leave_nothing_to_train_on_are_refused_by_name()
    {
        using var run = SmallTraining.Cook("validation_data_proportion: 10");
        Assert.Contains("training_data_proportion", run["train"].Single().Failure!.Message, StringComparison.Ordinal);
        using var none = SmallTraining.Cook("training_data_proportion: 10");
        Assert.Contains("validation_data_proportion", none["train"].Single().Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seed_of_the_weights_and_seed_of_the_shuffles_change_each_its_own()
    {
        // With a learning rate that moves nothing, the weights are the first ones.
        const string Still = NoStop + "max_epochs: 1, learning_rate: 1e-30, zero_last_layer: false, ";
        using var one = SmallTraining.Cook(Still + "seed: 1, shuffle_random_seed: 1");
        using var shuffled = SmallTraining.Cook(Still + "seed: 1, shuffle_random_seed: 2");
        using var drawn = SmallTraining.Cook(Still + "seed: 2, shuffle_random_seed: 1");
        Assert.Equal(Answer(one), Answer(shuffled));
        Assert.NotEqual(Answer(one), Answer(drawn));
        using var same = SmallTraining.Cook(NoStop + "max_epochs: 3, seed: 5");
        using var said = SmallTraining.Cook(NoStop + "max_epochs: 3, seed: 5, shuffle_random_seed: 5");
        using var other = SmallTraining.Cook(NoStop + "max_epochs: 3, seed: 5, shuffle_random_seed: 6");
        Assert.Equal(Hash(same, "weights.safetensors"), Hash(said, "weights.safetensors"));
        Assert.NotEqual(Hash(same, "weights.safetensors"), Hash(other, "weights.safetensors"));
    }

    [Fact]
    public void Snapshots_come_after_every_so_many_epochs_and_are_the_models_of_those_epochs()
    {
        using var run = SmallTraining.Cook(NoStop + "enable_validation: false, max_epochs: 10, model_save_event: epochs, model_save_epochs_per_output: 3, model_export_event: epochs, model_export_epochs_per_output: 5");
        Assert.Equal(["model-10.onnx", "model-5.onnx", "model.onnx", "weights-3.safetensors", "weights-6.safetensors", "weights-9.safetensors", "weights.safetensors"], Models(run));
        using var short_ = SmallTraining.Cook(NoStop + "enable_validation: false, max_epochs: 5");
        Assert.Equal(Hash(short_, "model.onnx"), Hash(run, "model-5.onnx"));
        Assert.Equal(Hash(run, "model.onnx"), Hash(run, "model-10.onnx"));
        using var three = SmallTraining.Cook(NoStop + "enable_validation: false, max_epochs: 3");
        Assert.Equal(Hash(three, "weights.safetensors"), Hash(run, "weights-3.safetensors"));
    }

    [Fact]
    public void Snapshots_of_improvements_end_with_the_kept_weights()
    {
        using var run = SmallTraining.Cook(NoStop + "max_epochs: 40, learning_rate: 0.05, model_export_event: improvement");
        int best = (int)run["train"].Single().Metric("best_epoch");
        Assert.True(best < 40, "the last epoch is the best: nothing would be told apart");
        Assert.Equal(Hash(run, "model.onnx"), Hash(run, $"model-{best}.onnx"));
        var losses = Column(run, 2).Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToList();
        var improved = Enumerable.Range(0, losses.Count).Where(i => losses[i] < losses.Take(i).DefaultIfEmpty(double.MaxValue).Min() * (1 - 1e-6)).Select(i => $"model-{i + 1}.onnx");
        Assert.Equal(improved.Append("model.onnx").Order(StringComparer.Ordinal), Models(run).Where(n => n.StartsWith("model", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_the_epoch_in_the_name_the_last_snapshot_is_the_one_that_stays()
    {
        using var run = SmallTraining.Cook(NoStop + "enable_validation: false, max_epochs: 8, model_export_event: epochs, model_export_epochs_per_output: 3, model_export_append_epoch: false");
        Assert.Equal(["model-snapshot.onnx", "model.onnx", "weights.safetensors"], Models(run));
        using var six = SmallTraining.Cook(NoStop + "enable_validation: false, max_epochs: 6");
        Assert.Equal(Hash(six, "model.onnx"), Hash(run, "model-snapshot.onnx"));
    }

    [Fact]
    public void What_is_never_to_be_put_out_is_not()
    {
        using var run = SmallTraining.Cook(NoStop + "max_epochs: 2, model_save_event: never, model_export_event: never, loss_log_event: never");
        Assert.Equal(["hyperparameters.json"], run["train"].Single().Result.Outputs!.Select(o => o.Name));
        Assert.Empty(run["train"].Single().Curves);
    }

    [Theory]
    [InlineData("epoch", "1 2 3 4 5 6 7")]
    [InlineData("evaluation", "3 6 7")]
    [InlineData("end", "7")]
    public void Logs_hold_the_epochs_asked_for(string when, string epochs)
    {
        using var run = SmallTraining.Cook($"max_epochs: 7, early_stopping: {{ enable: false, epochs_per_evaluation: 3 }}, loss_log_event: {when}, log_to_standard_output: true");
        var train = run["train"].Single();
        Assert.Equal(epochs.Split(' '), Column(run, 0));
        Assert.Equal(epochs.Split(' '), train.Curves.Where(c => c.Name == "train/loss").Select(c => $"{c.Step}"));
        Assert.Equal(epochs.Split(' ').Length, Encoding.UTF8.GetString(run.Bytes(train.Output("training.txt"))).Count(c => c == '\n'));
        Assert.Equal(epochs.Split(' '), train.Lines.Where(l => l.StartsWith("epoch ", StringComparison.Ordinal)).Select(l => l.Split(' ', ':')[1]));
    }

    [Fact]
    public void Losses_are_printed_only_when_asked()
    {
        using var run = SmallTraining.Cook(NoStop + "max_epochs: 2");
        Assert.DoesNotContain(run["train"].Single().Lines, l => l.StartsWith("epoch ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_training_that_is_killed_still_puts_out_the_snapshots_of_the_time_before()
    {
        const string Options = NoStop + "max_epochs: 9, checkpoint_seconds: 0, model_export_event: epochs, model_export_epochs_per_output: 2";
        using var whole = SmallTraining.Cook(Options);
        using var run = SmallTraining.Prepared(Options);
        run.Saving = (_, _, number) => { if (number == 6) throw new OperationCanceledException("killed"); };
        Assert.Throws<OperationCanceledException>(() => run.CookItem(run.Program.Find("train")!, 0));
        run.Saving = null;
        run.Cook("train");
        Assert.Contains(run["train"].Single().Lines, l => l.Contains("goes on after epoch 5", StringComparison.Ordinal));
        Assert.Equal(Models(whole), Models(run));
        foreach (string name in Models(whole)) Assert.Equal(Hash(whole, name), Hash(run, name));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("of other options")]
    [InlineData("of other data")]
    public void A_saved_state_that_cannot_be_used_is_logged_and_the_training_starts_anew(string how)
    {
        const string Options = NoStop + "max_epochs: 6, checkpoint_seconds: 0";
        using var clean = SmallTraining.Cook(Options);
        using var source = how switch
        {
            "of other options" => SmallTraining.Prepared(Options + ", learning_rate: 0.01"),
            "of other data" => SmallTraining.Prepared(Options + ", upper_limit: 20"),
            _ => SmallTraining.Prepared(Options),
        };
        source.Saving = (_, _, number) => { if (number == 4) throw new OperationCanceledException("killed"); };
        Assert.Throws<OperationCanceledException>(() => source.CookItem(source.Program.Find("train")!, 0));
        byte[] state = source.Store.Checkpoints[("train", 0)];
        state = how switch
        {
            "truncated" => state[..(state.Length / 2)],
            // In the header: damage further on is found by the checksum of the file, before a cook sees the state.
            "flipped" => [.. state.Select((b, i) => i == 30 ? (byte)(b ^ 0x40) : b)],
            "empty" => [],
            _ => state,
        };
        using var run = SmallTraining.Prepared(Options);
        run.Store.Checkpoints[("train", 0)] = state;
        var train = run.Cook("train")["train"].Single();
        Assert.Null(train.Failure);
        Assert.Contains(train.Lines, l => l.Contains("starts anew", StringComparison.Ordinal));
        Assert.DoesNotContain(train.Lines, l => l.Contains("goes on", StringComparison.Ordinal));
        foreach (string name in new[] { "model.onnx", "weights.safetensors", "hyperparameters.json" }) Assert.Equal(Hash(clean, name), Hash(run, name));
    }

    [Fact]
    public void A_snapshot_is_a_whole_model()
    {
        using var run = SmallTraining.Cook(NoStop + "max_epochs: 4, model_export_event: epochs, model_export_epochs_per_output: 2");
        Assert.Equal(2, Answer(run, "model-2.onnx").Length);
        Assert.NotEqual(Answer(run, "model-2.onnx"), Answer(run, "model-4.onnx"));
    }

    private static float[] Answer(RecipeRun run, string name = "model.onnx")
    {
        using var sessions = new InferenceSessions();
        return sessions.Open(run.Bytes(run["train"].Single().Output(name))).Evaluate(new float[] { 0.1f, 0.2f, 0.3f });
    }

    private static ContentHash Hash(RecipeRun run, string name) => run["train"].Single().Output(name).Hash;

    private static string[] Models(RecipeRun run) => [.. run["train"].Single().Result.Outputs!.Select(o => o.Name)
        .Where(n => n.EndsWith(".onnx", StringComparison.Ordinal) || n.EndsWith(".safetensors", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string[] Column(RecipeRun run, int column) => [.. Encoding.UTF8.GetString(run.Bytes(run["train"].Single().Output("training.csv")))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')[column])];

    private static (long, long) RowsOf(RecipeRun run)
    {
        string line = run["train"].Single().Lines.Single(l => l.Contains("rows", StringComparison.Ordinal));
        var words = line.Split(' ');
        return (long.Parse(words[Array.IndexOf(words, "on") + 1], CultureInfo.InvariantCulture), long.Parse(words[Array.IndexOf(words, "validates") + 2], CultureInfo.InvariantCulture));
    }
}
