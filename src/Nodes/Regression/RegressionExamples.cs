using System.Security.Cryptography;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Geometry.Datasets;
using ExampleMlFarm.Geometry.Examples;
using ExampleMlFarm.Learning.Regression;
using ExampleMlFarm.Nodes.Cooking;
using ExampleMlFarm.Nodes.Examples;
using ExampleMlFarm.Recipes.Catalogue;

namespace ExampleMlFarm.Nodes.Regression;

/// <summary>Rows that a regression learns from, and those it is measured on: inputs [n, d], targets [n, o].</summary>
/// <param name="InputLength">d.</param>
/// <param name="TargetLength">o.</param>
/// <param name="Inputs">Training inputs.</param>
/// <param name="Targets">Training targets.</param>
/// <param name="ValidationInputs">Validation inputs; empty without a validation split.</param>
/// <param name="ValidationTargets">Validation targets.</param>
/// <param name="InputContributions">What an input row consists of, where that is known.</param>
/// <param name="TargetContributions">What a target row consists of, where that is known.</param>
public sealed record RegressionExamples(int InputLength, int TargetLength, double[] Inputs, double[] Targets, double[] ValidationInputs, double[] ValidationTargets,
    ContributionList? InputContributions, ContributionList? TargetContributions)
{
    /// <summary>Training rows n.</summary>
    public int Count => Inputs.Length / InputLength;
}

/// <summary>Where a regression node finds its examples: a data set node, the labeled examples of a node, or what it collects.</summary>
internal sealed record RegressionSource(NodeInput? Dataset, NodeInput? Examples, int UpperLimit, IReadOnlyList<string> InputContributions, IReadOnlyList<string> TargetContributions)
{
    /// <summary>Hash of what the source holds, without reading the rows.</summary>
    public string Hash(CookContext cook)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in Items(cook))
            foreach (var output in item.Outputs)
                sha.AppendData(System.Text.Encoding.UTF8.GetBytes($"{output.Hash}/{output.Row};"));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>The rows in memory.</summary>
    /// <exception cref="FarmException"><c>regression.examples</c>: there is no source, or no labeled example in it.</exception>
    public RegressionExamples Read(CookContext cook)
    {
        if (Dataset is null) return FromLabeled(cook);
        using var dataset = DatasetInput.Open(cook, Dataset);
        var train = dataset.Read("train");
        var validation = dataset.Manifest.Splits.Any(s => s.Name == "validation") ? dataset.Read("validation") : new DatasetRows([], [], []);
        int used = UpperLimit > 0 ? Math.Min(UpperLimit, train.Count) : train.Count;
        if (used == 0) throw FarmException.Invalid("regression.examples", $"the data set of node '{Dataset.Node}' has no training rows among its {dataset.Rows}; give its split 'train' a share");
        return new(dataset.InputWidth, dataset.TargetWidth,
            RegressionModels.Wide(train.Inputs.AsSpan(0, used * dataset.InputWidth)), RegressionModels.Wide(train.Targets.AsSpan(0, used * dataset.TargetWidth)),
            RegressionModels.Wide(validation.Inputs), RegressionModels.Wide(validation.Targets),
            dataset.Manifest.InputContributions, dataset.Manifest.TargetContributions);
    }

    private CookInput Items(CookContext cook)
    {
        if (Dataset is not null && Examples is not null)
            throw FarmException.Invalid("regression.examples", "give either 'dataset' (a data set node) or 'examples' (a node whose items hold labeled examples), not both");
        return (Dataset ?? Examples) is { } node ? cook.Input(node) : cook.FindFrom() ?? throw FarmException.Invalid("regression.examples",
            "there is nothing to learn from: give 'dataset' (a data set node), 'examples' (a node whose items hold labeled examples), or collect labeled examples");
    }

    private RegressionExamples FromLabeled(CookContext cook)
    {
        ContributionList? inputs = null, targets = null;
        var x = new List<double>();
        var y = new List<double>();
        int rows = 0;
        foreach (var item in Items(cook))
        {
            cook.ThrowIfCancelled();
            if (UpperLimit > 0 && rows == UpperLimit) break;
            var collection = ExampleCollection.Require(item.Geometry(), $"What {item} put out");
            for (int e = 0; e < collection.PrimitiveCount && (UpperLimit == 0 || rows < UpperLimit); e++)
            {
                if (!ExampleCollection.IsLabeled(collection, e)) continue;
                var (input, target) = Example.Decompose(collection, e);
                inputs ??= ContributionNames.Resolve(input, InputContributions, "input");
                targets ??= ContributionNames.Resolve(target, TargetContributions, "target");
                Append(x, input, inputs, rows, "input", item);
                Append(y, target, targets, rows, "target", item);
                rows++;
            }
        }
        if (rows == 0) throw FarmException.Invalid("regression.examples", "none of the items holds a labeled example: make them with ml_example from an input and a target");
        if (x.Count == 0 || y.Count == 0)
            throw FarmException.Invalid("regression.examples", $"the examples have rows of {x.Count / rows} inputs and {y.Count / rows} targets; both need at least one number");
        return new(x.Count / rows, y.Count / rows, [.. x], [.. y], [], [], inputs, targets);
    }

    private static void Append(List<double> rows, GeometryData component, ContributionList contributions, int row, string which, CookInputItem item)
    {
        var vector = ComponentVector.Serialize(component, contributions);
        if (row > 0 && vector.Length != rows.Count / row)
            throw FarmException.Invalid("regression.examples", $"the {which} of {item} has {vector.Length} numbers and those before it {rows.Count / row}: give all examples the same points");
        foreach (float value in vector) rows.Add(value);
    }
}
