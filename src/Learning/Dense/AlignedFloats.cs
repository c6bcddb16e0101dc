using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExampleMlFarm.Learning.Dense;

/// <summary>Zeroed floats that never move, on a cache-line boundary; freed by the garbage collector like any array.</summary>
internal sealed unsafe class AlignedFloats
{
    private readonly float[] memory;

    /// <summary>Memory for <paramref name="length"/> floats, and a vector's worth of slack behind them.</summary>
    public AlignedFloats(int length)
    {
        memory = GC.AllocateArray<float>(checked(length + 32), pinned: true);
        Length = length;
        Pointer = (float*)(((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)) + 63) & ~(nint)63);
    }

    /// <summary>Floats that may be used.</summary>
    public int Length { get; }

    /// <summary>The first float, 64-byte aligned. Valid as long as this object is referenced.</summary>
    public float* Pointer { get; }

    /// <summary>The same memory.</summary>
    public Span<float> Span => new(Pointer, Length);
}
