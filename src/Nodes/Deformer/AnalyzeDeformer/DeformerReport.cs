using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExampleMlFarm.Geometry.Rendering;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Deformer.LearningCurve;
using ExampleMlFarm.Nodes.Reporting;

namespace ExampleMlFarm.Nodes.Deformer.AnalyzeDeformer;

/// <summary>What the report is made of.</summary>
internal sealed record DeformerReportContent(
    DeformerInputs Inputs, IReadOnlyList<Comparison> Comparisons, IReadOnlyList<Predictor> Predictors, CookInputItem Trained,
    IReadOnlyList<CookInputItem> Trials, IReadOnlyList<CookInputItem> Curve, double MillisecondsPerPose,
    IReadOnlyList<GainPoint> OverComponents, IReadOnlyList<GainPoint> OverLayers);

/// <summary>The page about one trained deformer: figures, comparison, learning curve, trials, pictures.</summary>
internal static class DeformerReport
{
    // Shares below this are rounding.
    private const double Visible = 1e-7;

    public const string Training = "training poses", HeldOut = "held-out poses", Unseen = "unseen poses";

    public static string Write(DeformerReportContent content)
    {
        var unseen = content.Comparisons[^1];
        var network = unseen.Of(Predictors.Network);
        var ridge = unseen.Of(Predictors.Ridge);
        var skinning = unseen.Of(Predictors.Skinning);
        var character = content.Inputs.Stage.Character;
        var report = new HtmlReport($"Deformer of {character.Name}");
        report.KeyFigures([
            ($"{network.Gain:P1}", $"of skinning's error removed on {unseen.Poses.Count} poses nobody trained on"),
            ($"{network.Error.MeanPercent:0.000} %", "mean error, of the bounding box's diagonal"),
            ($"{skinning.Error.MeanPercent:0.000} %", "mean error of linear blend skinning"),
            ($"{content.MillisecondsPerPose:0.00} ms", "per pose on one core"),
        ]);
        report.Paragraph(Verdict(network, ridge, skinning, unseen.Of(Predictors.Floor)));
        report.Paragraph($"{character.PointCount} points, {character.Skeleton.JointCount} joints; {content.Inputs.Dataset.Rows} simulated poses in the data set, {content.Inputs.Dataset.TargetWidth} shapes. " +
            "The setting was chosen on validation rows alone. The basis was made from all poses of the data set; unseen poses had no part in anything.");

        report.Heading("Error by method");
        foreach (var comparison in content.Comparisons.Reverse())
            report.Table(["method", "mean %", "rms %", "95 % below %", "max %", "gain"],
                comparison.Rows.Select(r => (IReadOnlyList<string>)[r.Predictor, $"{r.Error.MeanPercent:0.0000}", $"{r.Error.RootMeanSquarePercent:0.0000}", $"{r.Error.Percentile95Percent:0.000}", $"{r.Error.MaximumPercent:0.00}", r.Gain == 0 ? "–" : $"{r.Gain:0.000}"]),
                $"Vertex errors on {comparison.Poses.Count} {comparison.Set}, percent of the diagonal ({character.Diagonal:G4} units)",
                comparison.Rows.ToList().FindIndex(r => r.Predictor == Predictors.Network));
        report.Figure(BarPlot.Draw([.. unseen.Rows.Select(r => (r.Predictor, r.Error.MeanPercent, (double?)r.Error.Percentile95Percent))], "%"),
            "Error on unseen poses, percent of the diagonal: the bar is the mean, the line the 95th percentile.");

        report.Table(["method", "normals, degrees", "edges %", "volume %"],
            unseen.Rows.Select(r => (IReadOnlyList<string>)[r.Predictor, $"{r.Shape.NormalDegrees:0.000}", $"{100 * r.Shape.EdgeDistortion:0.000}", double.IsNaN(r.Shape.VolumeError) ? "–" : $"{100 * r.Shape.VolumeError:0.0000}"]),
            $"Errors of shape on {unseen.Poses.Count} {unseen.Set}: mean angle of the triangles' normals, mean relative error of edge lengths and of the enclosed volume",
            unseen.Rows.ToList().FindIndex(r => r.Predictor == Predictors.Network));

        if (content.Curve.Count > 0) LearningCurveSection(report, content);
        if (content.Trials.Count > 1) TrialSection(report, content);

        GainSection(report, content);
        report.Heading("Basis");
        var scree = content.Inputs.Basis.Scree();
        report.Figure(LinePlot.Draw([
                new("each", [.. scree.Where(p => p.Proportion > Visible).Select(p => ((double)p.Component, p.Proportion))]),
                new("left over", [.. scree.Where(p => 1 - p.Cumulative > Visible).Select(p => ((double)p.Component, 1 - p.Cumulative))], Dashed: true),
            ], "component", "share of the variance", logY: true),
            $"Principal components: {scree.Count} hold {(scree.Count > 0 ? scree[^1].Cumulative : 0):P2} of the variance of the displacements.");

        report.Heading("Pictures");
        report.Paragraph("Unseen poses. Colours show the distance of each point from the simulated truth, in percent of the diagonal.");
        report.Legend(ColorScale.Heat.Bar(512, 16).ToPng(), "0 %", $"{100 * DeformerPictures.FullScale(content) / character.Diagonal:0.0} % and more");
        foreach (var (pictures, caption) in DeformerPictures.Draw(content)) report.Pictures(pictures, caption);
        return report.ToHtml();
    }

    private static string Verdict(ComparisonRow network, ComparisonRow ridge, ComparisonRow skinning, ComparisonRow floor)
    {
        string against = network.Error.Mean < ridge.Error.Mean
            ? $"The network learned what a linear map cannot: its mean error is {1 - network.Error.Mean / ridge.Error.Mean:P0} below that of ridge regression on the same rows."
            : $"Ridge regression on the same rows is better than the network by {1 - ridge.Error.Mean / network.Error.Mean:P0}: with this few poses, use the linear map, or simulate more.";
        string basis = $"The basis alone would allow a gain of {floor.Gain:P1}.";
        return network.Error.Mean < skinning.Error.Mean ? $"{against} {basis}" : $"The network is worse than skinning alone: do not use it. {against} {basis}";
    }

    private static void LearningCurveSection(HtmlReport report, DeformerReportContent content)
    {
        var points = content.Curve.Where(i => i.Metrics.Any(m => m.Name == DeformerLearningCurve.PosesMetric)).OrderBy(i => i.Metric(DeformerLearningCurve.PosesMetric)).ToList();
        if (points.Count == 0) return;
        report.Heading("How many poses");
        Curve Of(string name, string metric, bool dashed = false) => new(name, [.. points.Select(i => (i.Metric(DeformerLearningCurve.PosesMetric), i.Metric(metric)))], dashed, Markers: true);
        report.Figure(LinePlot.Draw([
                Of("skinning", DeformerLearningCurve.SkinningMetric, dashed: true), Of("ridge", DeformerLearningCurve.RidgeMetric),
                Of("network", DeformerLearningCurve.NetworkMetric), Of("PCA floor", DeformerLearningCurve.FloorMetric, dashed: true),
            ], "simulated poses", "mean error on unseen poses, %", logX: true, logY: true, xTicks: [.. points.Select(i => i.Metric(DeformerLearningCurve.PosesMetric))]),
            "Learning curve: basis, ridge regression and network made from the first poses of the data set alone, measured on the same unseen poses.");
        report.Table(["poses", "skinning %", "ridge %", "network %", "PCA floor %", "gain of the network"],
            points.Select(i => (IReadOnlyList<string>)[$"{i.Metric(DeformerLearningCurve.PosesMetric):0}", $"{i.Metric(DeformerLearningCurve.SkinningMetric):0.0000}", $"{i.Metric(DeformerLearningCurve.RidgeMetric):0.0000}",
                $"{i.Metric(DeformerLearningCurve.NetworkMetric):0.0000}", $"{i.Metric(DeformerLearningCurve.FloorMetric):0.0000}", $"{1 - i.Metric(DeformerLearningCurve.NetworkMetric) / i.Metric(DeformerLearningCurve.SkinningMetric):0.000}"]),
            "The learning curve in numbers, percent of the diagonal");
    }

    private static void GainSection(HtmlReport report, DeformerReportContent content)
    {
        report.Heading("How many components and layers");
        report.Figure(LinePlot.Draw([
                new("network", [.. content.OverComponents.Select(p => ((double)p.At, p.Gain))], Markers: true),
                new("PCA floor", [.. content.OverComponents.Select(p => ((double)p.At, p.Floor))], Dashed: true, Markers: true),
            ], "components", "gain on unseen poses", logX: true, xTicks: [.. content.OverComponents.Select(p => (double)p.At)]),
            "Gain of the trained network when only its first components are used, and of the basis with so many: where the two part, the network is what limits.");
        if (content.OverLayers.Count < 2) return;
        report.Figure(LinePlot.Draw([new("best trial", [.. content.OverLayers.Select(p => ((double)p.At, p.Gain))], Markers: true)], "hidden layers", "gain on unseen poses",
            xTicks: [.. content.OverLayers.Select(p => (double)p.At)]), "Gain of the best trial, by validation, with so many hidden layers.");
    }

    private static void TrialSection(HtmlReport report, DeformerReportContent content)
    {
        report.Heading("Trials");
        var trials = content.Trials.Where(t => t.Metrics.Any(m => m.Name == "validation/loss")).OrderBy(t => t.Metric("validation/loss")).ThenBy(t => t.Index).ToList();
        var names = trials.SelectMany(t => t.Attributes.Select(a => a.Key)).Distinct().ToList();
        report.Table(["trial", .. names, "epochs", "train loss", "validation loss"],
            trials.Select(t => (IReadOnlyList<string>)[$"{t.Node}/{t.Index}", .. names.Select(n => Text(t.Attributes[n])), $"{t.Metric("epochs"):0}", Text(t.Metric("train/loss")), Text(t.Metric("validation/loss"))]),
            "All settings, best first. Losses are relative: 1 is what the mean would score.", trials.FindIndex(t => t.Index == content.Trained.Index));
        report.Figure(LinePlot.Draw([.. trials.Take(8).SelectMany(t => Curves(t))], "epoch", "validation loss", logY: true), "Validation loss of the best trials.");
    }

    private static string Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number
        ? Text(value.GetValue<double>()) : value?.ToString() ?? "";

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture).ToLowerInvariant();

    private static IEnumerable<Curve> Curves(CookInputItem trial)
    {
        if (trial.FindOutput("training.csv") is null) yield break;
        var rows = File.ReadLines(trial.Path("training.csv")).Skip(1).Select(l => l.Split(',')).Where(c => c.Length >= 3 && c[2].Length > 0)
            .Select(c => (double.Parse(c[0], CultureInfo.InvariantCulture), double.Parse(c[2], CultureInfo.InvariantCulture))).ToList();
        yield return new($"{trial.Node}/{trial.Index}", rows);
    }
}
