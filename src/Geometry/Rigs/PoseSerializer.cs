using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>Which transforms of a pose are written.</summary>
public enum PoseSerializeMode
{
    /// <summary>Rotations relative to the nearest ancestor in the joint group; the group's roots as world rotations, if asked.</summary>
    Subskeleton,

    /// <summary>Each joint's transform relative to its parent, rotations and translations as asked.</summary>
    AllLocal,
}

/// <summary>Parameters of ML Pose Serialize. An empty group means all joints.</summary>
public sealed record PoseSerializeOptions
{
    public IReadOnlyList<string> JointGroup { get; init; } = [];
    public PoseSerializeMode Mode { get; init; } = PoseSerializeMode.Subskeleton;

    /// <summary>For the subskeleton's roots; ML Deform needs it.</summary>
    public bool IncludeWorldRotation { get; init; } = true;

    public bool AllLocalRotation { get; init; } = true;
    public IReadOnlyList<string> LocalRotationGroup { get; init; } = [];
    public bool AllLocalTranslation { get; init; }
    public IReadOnlyList<string> LocalTranslationGroup { get; init; } = [];

    /// <summary>A name of <see cref="RotationEncoding.All"/>.</summary>
    public string Encoding { get; init; } = RotationEncoding.Matrix9.Name;
}

/// <summary>
/// A pose as a row of numbers and back (ML Pose Serialize and Deserialize): joints in joint order, per joint its rotation, then its
/// translation where that is asked for. What is not written comes from the template pose when reading.
/// </summary>
/// <remarks>Immutable; safe to share between threads. Numbers are doubles; the float overload rounds for a model's input.</remarks>
public sealed class PoseSerializer
{
    /// <summary>What is written of a joint. <c>Reference</c> is the joint that its rotation is relative to: −1 the world, −2 none written.</summary>
    private readonly record struct Entry(int Joint, int Reference, bool Translation);

    private const int World = -1, None = -2;

    private readonly Skeleton skeleton;
    private readonly RotationEncoding encoding;
    private readonly Entry[] entries;

    /// <exception cref="FarmException">A joint or the encoding does not exist, or nothing would be written.</exception>
    public PoseSerializer(Skeleton skeleton, PoseSerializeOptions options)
    {
        this.skeleton = skeleton;
        encoding = RotationEncoding.Named(options.Encoding);
        var group = skeleton.Group(options.JointGroup);
        entries = options.Mode == PoseSerializeMode.Subskeleton
            ? Subskeleton(group, options.IncludeWorldRotation)
            : AllLocal(group, options);
        Length = entries.Sum(e => (e.Reference == None ? 0 : encoding.Size) + (e.Translation ? 3 : 0));
        if (Length == 0) throw FarmException.Invalid("pose.nothing_serialized", "The serialized pose would have no numbers: turn on the world rotation, or name more joints.");
        Names = EntryNames();
    }

    /// <summary>Numbers per pose.</summary>
    public int Length { get; }

    /// <summary>What each number is: <c>lower.matrix9.4</c>, <c>hand.t.0</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <param name="numbers"><c>[Length]</c>.</param>
    public void Serialize(Pose pose, Span<double> numbers)
    {
        CheckLength(numbers.Length);
        foreach (var entry in entries)
        {
            if (entry.Reference != None)
            {
                encoding.Encode(Svd3.ClosestRotation(Relative(pose.World, pose.Local, entry)), numbers);
                numbers = numbers[encoding.Size..];
            }
            if (!entry.Translation) continue;
            pose.Local[entry.Joint].Translation.Write(numbers, 0);
            numbers = numbers[3..];
        }
    }

    public double[] Serialize(Pose pose)
    {
        var numbers = new double[Length];
        Serialize(pose, numbers);
        return numbers;
    }

    /// <inheritdoc cref="Serialize(Pose, Span{double})"/>
    public void Serialize(Pose pose, Span<float> numbers)
    {
        CheckLength(numbers.Length);
        var exact = Serialize(pose);
        for (var i = 0; i < exact.Length; i++) numbers[i] = (float)exact[i];
    }

    /// <summary>The template with the written transforms replaced. Noise is tolerated: each rotation read is a proper one.</summary>
    /// <param name="numbers"><c>[Length]</c>, finite.</param>
    /// <param name="template">Usually the bind pose.</param>
    public Pose Deserialize(ReadOnlySpan<double> numbers, Pose template)
    {
        CheckLength(numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
            if (!double.IsFinite(numbers[i])) throw FarmException.Invalid("pose.not_finite", $"Number {i} ({Names[i]}) of the serialized pose is {numbers[i]}; all must be finite.");
        var local = template.Local.ToArray();
        var world = new Affine[local.Length];
        var next = 0;
        for (var j = 0; j < local.Length; j++)
        {
            var parent = skeleton.Parents[j] < 0 ? Affine.Identity : world[skeleton.Parents[j]];
            if (next < entries.Length && entries[next].Joint == j)
            {
                var entry = entries[next++];
                if (entry.Reference != None)
                {
                    var rotation = encoding.Decode(numbers[..encoding.Size]);
                    numbers = numbers[encoding.Size..];
                    // The stretch of the template is kept on the left, as bind · rotation keeps it.
                    var old = Relative(template.World, template.Local, entry);
                    var relative = old * Svd3.ClosestRotation(old).Transpose() * rotation;
                    var reference = entry.Reference == World ? Matrix3d.Identity : world[entry.Reference].Linear;
                    local[j] = local[j] with { Linear = parent.Linear.Inverse() * (reference * relative) };
                }
                if (entry.Translation)
                {
                    local[j] = local[j] with { Translation = Vector3d.Read(numbers, 0) };
                    numbers = numbers[3..];
                }
            }
            world[j] = parent * local[j];
        }
        return Pose.FromLocal(skeleton, local);
    }

    private Matrix3d Relative(Affine[] world, Affine[] local, Entry entry)
    {
        if (entry.Reference == World) return world[entry.Joint].Linear;
        return entry.Reference == skeleton.Parents[entry.Joint]
            ? local[entry.Joint].Linear
            : world[entry.Reference].Linear.Inverse() * world[entry.Joint].Linear;
    }

    private Entry[] Subskeleton(int[] group, bool includeWorldRotation)
    {
        var inGroup = group.ToHashSet();
        return [.. group.Select(j => new Entry(j, Reference(j), false)).Where(e => e.Reference != None)];

        int Reference(int joint)
        {
            for (var up = skeleton.Parents[joint]; up >= 0; up = skeleton.Parents[up])
                if (inGroup.Contains(up)) return up;
            return includeWorldRotation ? World : None;
        }
    }

    private Entry[] AllLocal(int[] group, PoseSerializeOptions options)
    {
        var rotations = skeleton.Group(options.LocalRotationGroup).ToHashSet();
        var translations = skeleton.Group(options.LocalTranslationGroup).ToHashSet();
        return [.. group.Select(j => new Entry(j,
            options.AllLocalRotation && rotations.Contains(j) ? skeleton.Parents[j] : None,
            options.AllLocalTranslation && translations.Contains(j)))];
    }

    private List<string> EntryNames()
    {
        var names = new List<string>(Length);
        foreach (var entry in entries)
        {
            for (var k = 0; entry.Reference != None && k < encoding.Size; k++) names.Add($"{skeleton.Names[entry.Joint]}.{encoding.Name}.{k}");
            for (var k = 0; entry.Translation && k < 3; k++) names.Add($"{skeleton.Names[entry.Joint]}.t.{k}");
        }
        return names;
    }

    private void CheckLength(int length)
    {
        if (length != Length)
            throw FarmException.Invalid("pose.length", $"A serialized pose of these joints has {Length} numbers, not {length}. Use the joint group, mode and encoding that it was written with.");
    }
}
