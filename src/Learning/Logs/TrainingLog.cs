using System.Globalization;
using System.Text;
using ExampleMlFarm.Learning.Training;

namespace ExampleMlFarm.Learning.Logs;

/// <summary>Training logs as text, numbers in the shortest form that reads back to the same value.</summary>
public static class TrainingLog
{
    /// <summary>Comma-separated, one line per epoch, with a header; an epoch without validation has an empty field.</summary>
    public static string Csv(IEnumerable<EpochRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var text = new StringBuilder("epoch,train_loss,validation_loss,learning_rate,seconds\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"{row.Epoch},{row.TrainLoss:r},{row.ValidationLoss?.ToString("r", CultureInfo.InvariantCulture)},{row.LearningRate:r},{row.Seconds:f3}\n");
        return text.ToString();
    }

    /// <summary>Training loss at the left and, where measured, validation loss at the right: the field's two-column log.</summary>
    public static string Columns(IEnumerable<EpochRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append(row.ValidationLoss is { } validation
                ? string.Create(CultureInfo.InvariantCulture, $"{row.TrainLoss:r} {validation:r}\n")
                : string.Create(CultureInfo.InvariantCulture, $"{row.TrainLoss:r}\n"));
        return text.ToString();
    }
}
