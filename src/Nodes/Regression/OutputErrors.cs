using System.Globalization;
using System.Text;
using ExampleMlFarm.Learning.Regression;

namespace ExampleMlFarm.Nodes.Regression;

/// <summary>Errors of a model on its examples: in total, and for each output.</summary>
internal sealed class OutputErrors
{
    private readonly double[] variance;
    private readonly double[] train;
    private readonly double[] validation;

    /// <summary>Predicts all rows once.</summary>
    public OutputErrors(IRegressionModel model, RegressionExamples examples)
    {
        int o = examples.TargetLength;
        variance = new double[o];
        var mean = new double[o];
        for (int i = 0; i < examples.Targets.Length; i++) mean[i % o] += examples.Targets[i] / examples.Count;
        for (int i = 0; i < examples.Targets.Length; i++) variance[i % o] += Math.Pow(examples.Targets[i] - mean[i % o], 2) / examples.Count;
        train = MeanSquares(model, examples.Inputs, examples.Targets);
        validation = MeanSquares(model, examples.ValidationInputs, examples.ValidationTargets);
    }

    public double TrainRootMeanSquare => Math.Sqrt(train.Average());
    public double ValidationRootMeanSquare => Math.Sqrt(validation.Average());

    /// <summary>Squared error over variance, both summed over the outputs; the squared error alone where the targets do not vary.</summary>
    public double TrainLoss => Share(train);
    public double ValidationLoss => Share(validation);

    /// <summary>One line per output: errors and coefficients of determination. R² is against the variance of the training targets.</summary>
    public string Csv()
    {
        var table = new StringBuilder("output,train_rmse,train_r2,validation_rmse,validation_r2\n");
        for (int c = 0; c < variance.Length; c++)
            table.Append(CultureInfo.InvariantCulture, $"{c},{Math.Sqrt(train[c]):R},{Determination(train, c)},{Number(Math.Sqrt(validation[c]))},{Determination(validation, c)}\n");
        return table.ToString();
    }

    private double Share(double[] squares) => variance.Sum() > 0 ? squares.Sum() / variance.Sum() : squares.Sum();

    private string Determination(double[] squares, int c) => variance[c] > 0 ? Number(1 - squares[c] / variance[c]) : "";

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    private double[] MeanSquares(IRegressionModel model, double[] inputs, double[] targets)
    {
        int o = variance.Length;
        var squares = new double[o];
        // Without rows there is no error, and none is reported.
        if (targets.Length == 0) Array.Fill(squares, double.NaN);
        double[] predicted = model.Predict(inputs);
        for (int i = 0; i < targets.Length; i++) squares[i % o] += Math.Pow(predicted[i] - targets[i], 2) * o / targets.Length;
        return squares;
    }
}
