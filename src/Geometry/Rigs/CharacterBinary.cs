using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry.Numerics;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// A character as bytes: everything a <see cref="Character"/> holds, to the last bit, so that every node of a run works on the same one.
/// Equal characters give equal bytes.
/// </summary>
public static class CharacterBinary
{
    private const uint Magic = 0x4843_4C4D;   // "MLCH"
    private const int Version = 1;

    // A character of a film has some 100,000 points; a count beyond this is a damaged file and must not be allocated.
    private const int MaxCount = 100_000_000;

    /// <summary>The bytes.</summary>
    public static byte[] Write(Character character)
    {
        using var stream = new MemoryStream();
        using var w = new BinaryWriter(stream);
        w.Write(Magic);
        w.Write(Version);
        w.Write(character.Name);
        w.Write(character.Skeleton.JointCount);
        for (int j = 0; j < character.Skeleton.JointCount; j++)
        {
            w.Write(character.Skeleton.Names[j]);
            w.Write(character.Skeleton.Parents[j]);
            WriteAffine(w, character.Skeleton.BindWorld[j]);
        }
        WriteArray(w, character.RestPoints, w.Write);
        WriteArray(w, character.Triangles, w.Write);
        w.Write(character.Skin.PointCount);
        for (int p = 0; p < character.Skin.PointCount; p++)
        {
            var row = character.Skin.Of(p).ToArray();
            w.Write((byte)row.Length);
            foreach (var (joint, weight) in row)
            {
                w.Write(joint);
                w.Write(weight);
            }
        }
        w.Write(character.Bones.Count);
        foreach (var bone in character.Bones)
        {
            w.Write(bone.Joint);
            WriteVector(w, bone.Start);
            WriteVector(w, bone.End);
            w.Write(bone.Radius);
        }
        w.Write(character.Clips.Count);
        foreach (var clip in character.Clips)
        {
            w.Write(clip.Name);
            WriteArray(w, clip.TimesSeconds, w.Write);
            foreach (var frame in clip.Rotations)
                WriteArray(w, frame, q => { w.Write(q.W); w.Write(q.X); w.Write(q.Y); w.Write(q.Z); });
        }
        WriteArray(w, character.Original.Positions, w.Write);
        WriteArray(w, character.Original.PointOfVertex, w.Write);
        WriteArray(w, character.Original.Triangles, w.Write);
        w.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="source">What they are, for messages.</param>
    /// <exception cref="FarmException"><c>rig.corrupt</c>: the bytes are no character, or end too early.</exception>
    public static Character Read(byte[] bytes, string source)
    {
        try
        {
            using var r = new BinaryReader(new MemoryStream(bytes, writable: false));
            if (r.ReadUInt32() != Magic || r.ReadInt32() != Version) throw Corrupt(source, "it does not start like one");
            string name = r.ReadString();
            int joints = Count(r, source, 24);
            string[] names = new string[joints];
            int[] parents = new int[joints];
            Affine[] binds = new Affine[joints];
            for (int j = 0; j < joints; j++) (names[j], parents[j], binds[j]) = (r.ReadString(), r.ReadInt32(), ReadAffine(r));
            var rest = ReadArray(r, source, 8, r.ReadDouble);
            var triangles = ReadArray(r, source, 4, r.ReadInt32);
            var rows = new IReadOnlyList<(int, double)>[Count(r, source, 1)];
            for (int p = 0; p < rows.Length; p++)
            {
                var row = new (int, double)[r.ReadByte()];
                for (int k = 0; k < row.Length; k++) row[k] = (r.ReadInt32(), r.ReadDouble());
                rows[p] = row;
            }
            var bones = new BoneSegment[Count(r, source, 60)];
            for (int b = 0; b < bones.Length; b++) bones[b] = new(r.ReadInt32(), ReadVector(r), ReadVector(r), r.ReadDouble());
            var clips = new Clip[Count(r, source, 5)];
            for (int c = 0; c < clips.Length; c++)
            {
                string clip = r.ReadString();
                var times = ReadArray(r, source, 8, r.ReadDouble);
                var frames = new Quaterniond[times.Length][];
                for (int f = 0; f < frames.Length; f++)
                    frames[f] = ReadArray(r, source, 32, () => new Quaterniond(r.ReadDouble(), r.ReadDouble(), r.ReadDouble(), r.ReadDouble()));
                clips[c] = new(clip, times, frames);
            }
            var original = new OriginalMesh(ReadArray(r, source, 4, r.ReadSingle), ReadArray(r, source, 4, r.ReadInt32), ReadArray(r, source, 4, r.ReadInt32));
            return new Character(name, rest, triangles, SkinWeights.Create(rows, joints, "point"), new Skeleton(names, parents, binds), bones, clips, original);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw Corrupt(source, e.Message);
        }
    }

    private static FarmException Corrupt(string source, string why) =>
        FarmException.Invalid("rig.corrupt", $"{source} is not a character of this program, or is damaged: {why}");

    private static int Count(BinaryReader r, string source, int bytesEach)
    {
        int count = r.ReadInt32();
        if (count < 0 || count > MaxCount || (long)count * bytesEach > r.BaseStream.Length - r.BaseStream.Position)
            throw Corrupt(source, $"a count of {count} at byte {r.BaseStream.Position - 4} does not fit the file");
        return count;
    }

    private static T[] ReadArray<T>(BinaryReader r, string source, int bytesEach, Func<T> read)
    {
        var values = new T[Count(r, source, bytesEach)];
        for (int i = 0; i < values.Length; i++) values[i] = read();
        return values;
    }

    private static void WriteArray<T>(BinaryWriter w, IReadOnlyCollection<T> values, Action<T> write)
    {
        w.Write(values.Count);
        foreach (var value in values) write(value);
    }

    private static void WriteVector(BinaryWriter w, Vector3d v)
    {
        w.Write(v.X);
        w.Write(v.Y);
        w.Write(v.Z);
    }

    private static Vector3d ReadVector(BinaryReader r) => new(r.ReadDouble(), r.ReadDouble(), r.ReadDouble());

    private static void WriteAffine(BinaryWriter w, in Affine a)
    {
        Span<double> matrix = stackalloc double[16];
        a.WriteRowMajor4x4(matrix);
        foreach (double v in matrix) w.Write(v);
    }

    private static Affine ReadAffine(BinaryReader r)
    {
        Span<double> matrix = stackalloc double[16];
        for (int i = 0; i < 16; i++) matrix[i] = r.ReadDouble();
        return Affine.FromRowMajor4x4(matrix);
    }
}
