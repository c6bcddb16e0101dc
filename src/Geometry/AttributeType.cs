namespace ExampleMlFarm.Geometry;

/// <summary>What an attribute or a group belongs to. The numbers are part of the binary form.</summary>
public enum AttributeClass : byte
{
    Point = 0,
    Vertex = 1,
    Primitive = 2,
    /// <summary>The geometry as a whole: one element.</summary>
    Detail = 3,
}

/// <summary>The element type of an attribute. The numbers are part of the binary form.</summary>
public enum AttributeType : byte
{
    Float32 = 0,
    Float64 = 1,
    Int32 = 2,
    Int64 = 3,
    String = 4,
}
