using ExampleMlFarm.Core;
using ExampleMlFarm.Geometry;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Nodes.Rigs;

/// <summary>The skin of a character as geometry: welded points and triangles.</summary>
public static class SkinGeometry
{
    /// <summary>The skin at these positions, <c>[points, 3]</c>.</summary>
    public static GeometryData Of(Character character, ReadOnlySpan<double> positions)
    {
        var single = new float[positions.Length];
        for (int i = 0; i < single.Length; i++) single[i] = (float)positions[i];
        return GeometryData.Mesh(single, character.Triangles);
    }

    /// <summary>Positions of a skin, <c>[points, 3]</c> in double precision.</summary>
    /// <exception cref="FarmException"><c>skin.points</c>: it is not a skin of this character.</exception>
    public static double[] Positions(GeometryData skin, Character character)
    {
        if (skin.PointCount != character.PointCount)
            throw FarmException.Invalid("skin.points", $"the skin has {skin.PointCount} points and the character '{character.Name}' {character.PointCount}: they must be the same mesh");
        var positions = new double[3 * skin.PointCount];
        var single = skin.Positions;
        for (int i = 0; i < positions.Length; i++) positions[i] = single[i];
        return positions;
    }
}
