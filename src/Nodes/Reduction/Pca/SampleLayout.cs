using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Contributions;
using ExampleMlFarm.Nodes.Examples;

namespace ExampleMlFarm.Nodes.Reduction.Pca;

/// <summary>How geometries and rows of numbers are made from each other: which attributes and volumes, and how many points make one sample.</summary>
/// <param name="Contributions">What a row holds, in this order.</param>
/// <param name="Points">Points of one sample.</param>
internal sealed record SampleLayout(ContributionList Contributions, int Points)
{
    /// <summary>Numbers of a row.</summary>
    public int Columns { get; } = checked((int)Contributions.Size(Points));

    /// <summary>The layout of samples like this one.</summary>
    /// <param name="first">A geometry with at least one sample.</param>
    /// <param name="names">Attributes and volumes; none means all but the position.</param>
    /// <param name="stride">Points of one sample; 0 when the geometry is one sample.</param>
    public static SampleLayout Of(GeometryData first, IReadOnlyList<string> names, int stride)
    {
        var contributions = ContributionNames.Resolve(first, names, "sample");
        if (stride > 0 && contributions.FirstOrDefault(c => c.Kind == ContributionKind.Volume) is { } volume)
            throw FarmException.Invalid("pca.stride", $"'stride' cuts points into samples, and '{volume.Name}' is a volume, which is one sample: leave 'stride' out, or name point attributes in 'attribs'");
        return new(contributions, stride > 0 ? stride : first.PointCount);
    }

    /// <summary>The layout of the rows that a basis was made from; null when the basis does not say.</summary>
    /// <param name="contributions">What the basis says.</param>
    /// <param name="columns">Numbers of its rows.</param>
    /// <param name="names">Other names for the same contributions, or none.</param>
    public static SampleLayout? OfRows(ContributionList? contributions, int columns, IReadOnlyList<string> names)
    {
        if (contributions is null) return null;
        if (names.Count > 0)
        {
            if (names.Count != contributions.Count)
                throw FarmException.Invalid("pca.attribs", $"'attribs' names {names.Count}, and the basis was made from {contributions.Count}: {contributions}; name as many, in this order, or none");
            contributions = new(contributions.Zip(names, (c, name) => c.Kind == ContributionKind.Point ? Contribution.Point(name, c.TupleSize)
                : Contribution.Volume(name, c.Resolution.X, c.Resolution.Y, c.Resolution.Z)));
        }
        long perPoint = contributions.Size(1) - contributions.Size(0), left = columns - contributions.Size(0);
        if (left < 0 || (perPoint == 0 ? left != 0 : left % perPoint != 0))
            throw FarmException.Invalid("pca.format", $"the basis has rows of {columns} numbers, which are no whole number of points of {contributions}; cook it again");
        return new(contributions, perPoint == 0 ? 0 : (int)(left / perPoint));
    }

    /// <summary>How many samples a geometry holds.</summary>
    /// <param name="geometry">The geometry.</param>
    /// <param name="which">It, in messages.</param>
    /// <param name="cut">Whether a geometry may hold several.</param>
    public int SamplesIn(GeometryData geometry, string which, bool cut)
    {
        if (!cut || Points == 0)
            return Contributions.Size(geometry.PointCount) == Columns ? 1
                : throw FarmException.Invalid("pca.length", $"{which} has {Contributions.Size(geometry.PointCount)} numbers where {Columns} are expected: all samples need the same points");
        return geometry.PointCount % Points == 0 ? geometry.PointCount / Points
            : throw FarmException.Invalid("pca.stride", $"{which} has {geometry.PointCount} points, which are no whole number of samples of {Points} points");
    }

    /// <summary>All samples of a geometry as rows <c>[samples, columns]</c>.</summary>
    public void Fill(GeometryData geometry, Span<float> rows)
    {
        if (rows.Length == Columns)
        {
            ComponentVector.Serialize(geometry, Contributions, rows);
            return;
        }
        // The vector holds one contribution of all points after the other; a row holds all contributions of its points.
        var vector = ComponentVector.Serialize(geometry, Contributions);
        int samples = rows.Length / Columns, start = 0, at = 0;
        foreach (var contribution in Contributions)
        {
            int part = Points * contribution.TupleSize;
            for (int s = 0; s < samples; s++) vector.AsSpan(start + s * part, part).CopyTo(rows.Slice(s * Columns + at, part));
            start += samples * part;
            at += part;
        }
    }

    /// <summary>The geometry that holds these rows.</summary>
    public GeometryData Geometry(ReadOnlySpan<float> rows)
    {
        int samples = rows.Length / Columns;
        var template = GeometryData.PointCloud(new float[3 * Points * samples]);
        if (samples == 1) return ComponentVector.Deserialize(template, Contributions, rows);
        if (Contributions.Any(c => c.Kind == ContributionKind.Volume))
            throw FarmException.Invalid("pca.samples", $"the weights are those of {samples} samples with volumes, and a geometry holds one of them: reconstruct one sample per item");
        var vector = new float[rows.Length];
        int start = 0, at = 0;
        foreach (var contribution in Contributions)
        {
            int part = Points * contribution.TupleSize;
            for (int s = 0; s < samples; s++) rows.Slice(s * Columns + at, part).CopyTo(vector.AsSpan(start + s * part, part));
            start += samples * part;
            at += part;
        }
        return ComponentVector.Deserialize(template, Contributions, vector);
    }
}
