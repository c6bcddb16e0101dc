using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue.Cage;

namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>A capture as bytes: equal captures give equal bytes, and no bytes give a capture that cannot be solved.</summary>
/// <remarks>
/// Little-endian: magic, five counts (vertices, tetrahedra, pins, skin points, joints), seven counts and the element
/// size of the statistics, the diagonal, then the arrays; names as a length and UTF-8. Rest matrices and volumes follow
/// from the vertices and are not stored.
/// </remarks>
public static class CaptureBinary
{
    static ReadOnlySpan<byte> Magic => "MLTISSU1"u8;

    public static byte[] Write(TissueCapture c)
    {
        using var stream = new MemoryStream();
        stream.Write(Magic);
        var s = c.Statistics;
        Ints([c.VertexCount, c.TetCount, c.PinVertices.Length, c.SkinPointCount, c.JointCount]);
        Ints([s.Cubes, s.GluedCubes, s.DroppedComponents, s.DroppedCubes, s.WeldedPoints, s.ExtrapolatedPoints, s.ReachedPins]);
        Doubles([s.ElementSize, c.Diagonal]);
        Doubles(c.Vertices);
        Ints(c.Tets);
        Ints(c.PinVertices);
        Ints(c.PinJoints);
        Doubles(c.PinOffsets);
        Ints(c.SkinTets);
        Doubles(c.SkinWeights);
        Ints(c.JointParents);
        Span<double> matrix = stackalloc double[16];
        foreach (var bind in c.JointBinds)
        {
            bind.WriteRowMajor4x4(matrix);
            Doubles(matrix[..12]);
        }
        foreach (var name in c.JointNames)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            Ints([bytes.Length]);
            stream.Write(bytes);
        }
        return stream.ToArray();

        // The machines this runs on are little-endian; the check keeps a port from writing other bytes silently.
        void Ints(ReadOnlySpan<int> values) => stream.Write(LittleEndian(MemoryMarshal.AsBytes(values)));
        void Doubles(ReadOnlySpan<double> values) => stream.Write(LittleEndian(MemoryMarshal.AsBytes(values)));
        static ReadOnlySpan<byte> LittleEndian(ReadOnlySpan<byte> bytes) =>
            BitConverter.IsLittleEndian ? bytes : throw new PlatformNotSupportedException("Captures are written on little-endian machines.");
    }

    /// <param name="bytes">What <see cref="Write"/> gave.</param>
    /// <param name="source">Name for messages.</param>
    /// <exception cref="FarmException">The bytes are not a capture, or cut, or hold an index or number that no capture has.</exception>
    public static TissueCapture Read(ReadOnlySpan<byte> bytes, string source)
    {
        var reader = new Cursor(bytes, source);
        if (!reader.Take(Magic.Length).SequenceEqual(Magic)) throw reader.Bad("does not start with the mark of a tissue capture");
        int n = reader.Count("vertices"), t = reader.Count("tetrahedra"), p = reader.Count("pins"), s = reader.Count("skin points"), j = reader.Count("joints");
        var counts = reader.Ints(7, 0, int.MaxValue, "statistic");
        var sizes = reader.Doubles(2);
        if (!(sizes[0] > 0) || !(sizes[1] > 0)) throw reader.Bad($"has element size {sizes[0]} and diagonal {sizes[1]}; both are above 0");
        var vertices = reader.Doubles(3L * n);
        var tets = reader.Ints(4L * t, 0, n - 1, "corner");
        var pinVertices = reader.Ints(p, 0, n - 1, "pin vertex");
        for (var i = 1; i < p; i++)
            if (pinVertices[i] <= pinVertices[i - 1]) throw reader.Bad($"has pin vertex {pinVertices[i]} after {pinVertices[i - 1]}; they ascend");
        var pinJoints = reader.Ints(p, 0, j - 1, "pin joint");
        var pinOffsets = reader.Doubles(3L * p);
        var skinTets = reader.Ints(s, 0, t - 1, "skin tetrahedron");
        var skinWeights = reader.Doubles(4L * s);
        var parents = reader.Ints(j, -1, j - 1, "parent");
        for (var i = 0; i < j; i++)
            if (parents[i] >= i) throw reader.Bad($"has joint {i} with parent {parents[i]}; parents come first");
        var binds = new Affine[j];
        for (var i = 0; i < j; i++)
        {
            var m = reader.Doubles(12);
            binds[i] = Affine.FromRowMajor4x4(m);
            if (!binds[i].TryInverse(out var inverse) || !inverse.IsFinite) throw reader.Bad($"has a flat bind transform at joint {i}");
        }
        var names = new string[j];
        for (var i = 0; i < j; i++) names[i] = reader.Text();
        if (!reader.IsAtEnd) throw reader.Bad("has bytes after its end");
        RequireHeldPieces(n, tets, pinVertices, reader);
        var (restInverse, volumes) = Rest(vertices, tets, reader);
        return new TissueCapture
        {
            Vertices = vertices, Tets = tets, RestInverse = restInverse, Volumes = volumes, PinVertices = pinVertices, PinJoints = pinJoints,
            PinOffsets = pinOffsets, SkinTets = skinTets, SkinWeights = skinWeights, JointNames = names, JointParents = parents, JointBinds = binds,
            Diagonal = sizes[1],
            Statistics = new CaptureStatistics(sizes[0], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6]),
        };
    }

    static (double[], double[]) Rest(double[] vertices, int[] tets, in Cursor reader)
    {
        for (var t = 0; t < tets.Length; t += 4)
        {
            var o = Vector3d.Read(vertices, tets[t]);
            Vector3d a = Vector3d.Read(vertices, tets[t + 1]) - o, b = Vector3d.Read(vertices, tets[t + 2]) - o, c = Vector3d.Read(vertices, tets[t + 3]) - o;
            var volume = Vector3d.Dot(a, Vector3d.Cross(b, c));
            var size = a.Length * b.Length * c.Length;
            if (!(volume > 1e-9 * size) || !double.IsFinite(size)) throw reader.Bad($"has tetrahedron {t / 4} with no volume");
        }
        return RestShape.Of(new TetLattice(vertices, tets, []));
    }

    /// <summary>Every vertex must hang together with a pin, or the pose is not determined.</summary>
    static void RequireHeldPieces(int n, int[] tets, int[] pins, in Cursor reader)
    {
        var sets = new DisjointSets(n);
        for (var i = 0; i < tets.Length; i++) sets.Join(tets[i - i % 4], tets[i]);
        var held = pins.Select(sets.Root).ToHashSet();
        for (var v = 0; v < n; v++)
            if (!held.Contains(sets.Root(v))) throw reader.Bad($"has vertex {v} in a piece without pins");
    }

    static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads forward and never allocates more than the bytes can hold.</summary>
    ref struct Cursor(ReadOnlySpan<byte> bytes, string source)
    {
        ReadOnlySpan<byte> rest = bytes;

        public readonly bool IsAtEnd => rest.IsEmpty;

        public readonly FarmException Bad(string what) =>
            FarmException.Invalid("capture.corrupt", $"The tissue capture '{source}' {what}. Cook armature_capture again.");

        public ReadOnlySpan<byte> Take(long count)
        {
            if (count > rest.Length) throw Bad($"is cut: {count} bytes are missing or more, {rest.Length} are left");
            var taken = rest[..(int)count];
            rest = rest[(int)count..];
            return taken;
        }

        public int Count(string of)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
            return count >= 0 ? count : throw Bad($"says it has {count} {of}");
        }

        public string Text()
        {
            try
            {
                return strict.GetString(Take(Count("name bytes")));
            }
            catch (DecoderFallbackException)
            {
                throw Bad("has a joint name that is not UTF-8");
            }
        }

        public int[] Ints(long count, int least, int most, string what)
        {
            var values = MemoryMarshal.Cast<byte, int>(Take(4 * count)).ToArray();
            foreach (var v in values)
                if (v < least || v > most) throw Bad($"has the {what} {v}; it must be from {least} to {most}");
            return values;
        }

        public double[] Doubles(long count)
        {
            var values = MemoryMarshal.Cast<byte, double>(Take(8 * count)).ToArray();
            foreach (var v in values)
                if (!double.IsFinite(v)) throw Bad($"has the number {v}");
            return values;
        }
    }
}
