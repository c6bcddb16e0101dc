using System.Runtime.CompilerServices;

namespace ExampleMlFarm.Simulation.Sparse;

/// <summary>Doubles on a 64-byte boundary that the collector never moves, so that a pointer to them stays good.</summary>
internal sealed unsafe class AlignedBuffer
{
    readonly double[] storage;

    public double* Pointer { get; }
    public int Length { get; }

    public AlignedBuffer(long length)
    {
        if (length > Limits.BufferDoubles)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"at most {Limits.BufferDoubles} values fit one solver buffer");
        Length = (int)length;
        storage = GC.AllocateArray<double>(Length + 8, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref storage[0]);
        Pointer = (double*)((address + 63) & ~(nuint)63);
    }

    public Span<double> Span => new(Pointer, Length);
}
