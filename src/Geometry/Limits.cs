namespace ExampleMlFarm.Geometry;

/// <summary>The bounds of this room. Each keeps a damaged file or a careless recipe from taking the process down.</summary>
public static class Limits
{
    /// <summary>Floats of a 4 x 4 matrix are the widest tuple the field uses.</summary>
    public const int MaxTupleSize = 16;

    /// <summary>Packed inside packed: collections, parts, examples and components need four. Bounds every recursion.</summary>
    public const int MaxPackedDepth = 32;

    /// <summary>Characters of an attribute, group or volume name; longer ones are damage, not names.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Attributes, or groups, of one class; each addition copies the table.</summary>
    public const int MaxTableEntries = 4096;

    /// <summary>Bytes of a JSON header (safetensors' own limit).</summary>
    public const int MaxJsonHeaderBytes = 100_000_000;

    /// <summary>Dimensions of an array in a file (NumPy's own limit before version 2).</summary>
    public const int MaxArrayRank = 32;

    /// <summary>Bytes of one segment: a reader maps the whole file as one span, whose length is an int.</summary>
    public const long MaxSegmentBytes = 2_000_000_000;

    /// <summary>Bytes of a data set shard with more than one row.</summary>
    public const long MaxShardBytes = 64L << 20;
}
