using System.Diagnostics;
using System.Globalization;
using ExampleMlFarm.Bench.Regression;

// Seconds of each case, ours and python3-sklearn's in turn on the same rows and one thread each, so that a busy machine hurts both alike; the best of a
// few rounds. The figure to hold is the ratio.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 3;
using var sklearn = new Sklearn();
Console.WriteLine($"{"case",-46} {"ours s",9} {"sklearn s",10} {"x",7} {"difference",12}");
foreach (var c in Cases.All)
{
    double ours = double.PositiveInfinity, theirs = double.PositiveInfinity, difference = double.NaN;
    for (int round = 0; round < rounds; round++)
    {
        long start = Stopwatch.GetTimestamp();
        double[] predicted = c.Ours(c.Inputs, c.Targets, c.Queries);
        ours = Math.Min(ours, Stopwatch.GetElapsedTime(start).TotalSeconds);
        var (seconds, values) = sklearn.Run(c);
        theirs = Math.Min(theirs, seconds);
        if (values.Length == predicted.Length) difference = predicted.Zip(values, (a, b) => Math.Abs(a - b)).Max();
    }
    Console.WriteLine($"{c.Name,-46} {ours,9:f3} {theirs,10:f3} {theirs / ours,7:f2} {difference,12:g3}");
}
