namespace ExampleMlFarm.Geometry.Formats;

/// <summary>Element types of arrays in files.</summary>
public enum ElementType
{
    Float32,
    Float64,
    Int32,
    Int64,
    UInt8,
    Bool,
    /// <summary>Types that are read as raw bytes only.</summary>
    Int8,
    Int16,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    BFloat16,
}

/// <summary>How each format names an element type, and its size.</summary>
internal sealed record ElementTypeNames(ElementType Type, int SizeBytes, string Safetensors, string? Npy)
{
    public static readonly ElementTypeNames[] All =
    [
        new(ElementType.Float32, 4, "F32", "<f4"),
        new(ElementType.Float64, 8, "F64", "<f8"),
        new(ElementType.Int32, 4, "I32", "<i4"),
        new(ElementType.Int64, 8, "I64", "<i8"),
        new(ElementType.UInt8, 1, "U8", "|u1"),
        new(ElementType.Bool, 1, "BOOL", "|b1"),
        new(ElementType.Int8, 1, "I8", null),
        new(ElementType.Int16, 2, "I16", null),
        new(ElementType.UInt16, 2, "U16", null),
        new(ElementType.UInt32, 4, "U32", null),
        new(ElementType.UInt64, 8, "U64", null),
        new(ElementType.Float16, 2, "F16", null),
        new(ElementType.BFloat16, 2, "BF16", null),
    ];

    public static ElementTypeNames Of(ElementType type) => All[(int)type];
}
