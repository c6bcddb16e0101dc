using ExampleMlFarm.Geometry.Formats.Gltf;
using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Geometry.Rigs;

namespace ExampleMlFarm.Tests.Geometry.Rigs;

/// <summary>Traps of deformers that lie in the rig. Those that lie in the cage have tests of the same names in the tissue's project.</summary>
public sealed class DeformerTrapTests
{
    private static readonly Character Limb = LimbTests.Limb;

    [Fact]
    [Trait("trap", "4")]
    public void Trap_4_vertices_split_along_seams_are_one_point_to_learn_from_and_as_many_vertices_in_the_export()
    {
        // The limb as files hold meshes with hard edges: every triangle with three vertices of its own.
        int vertices = Limb.Triangles.Length;
        var positions = new float[3 * vertices];
        for (int v = 0; v < vertices; v++)
            for (int k = 0; k < 3; k++) positions[3 * v + k] = (float)Limb.RestPoints[3 * Limb.Triangles[v] + k];
        var split = new Character("split", Limb.RestPoints, Limb.Triangles, Limb.Skin, Limb.Skeleton, Limb.Bones, [],
            new OriginalMesh(positions, Limb.Triangles, [.. Enumerable.Range(0, vertices)]));
        var shape = new float[3 * Limb.PointCount];
        for (int i = 0; i < shape.Length; i++) shape[i] = MathF.Sin(i);
        var folder = Directory.CreateTempSubdirectory("mlfarm-trap-");
        try
        {
            string file = Path.Combine(folder.FullName, "split.glb");
            File.WriteAllBytes(file, GltfWriter.WriteCharacter(split, new GltfContent { Shapes = [new MorphShape("bulge", shape)] }));
            // Cage, basis and metrics see a closed surface of welded points ...
            var read = GltfReader.ReadCharacter(file);
            Assert.Equal(Limb.PointCount, read.PointCount);
            Assert.Equal(SurfaceTopology.Of(Limb.Triangles), SurfaceTopology.Of(read.Triangles));
            Assert.Equal(0, SurfaceTopology.Of(read.Triangles).OpenEdges);
            // ... and the export has all vertices, each with the displacement of its point.
            Assert.Equal(vertices, read.Original.VertexCount);
            var primitive = SharpGLTF.Schema2.ModelRoot.Load(file).LogicalMeshes[0].Primitives[0];
            var moved = primitive.GetMorphTargetAccessors(0)["POSITION"].AsVector3Array();
            Assert.Equal(vertices, moved.Count);
            for (int v = 0; v < vertices; v++) Assert.Equal(shape[3 * Limb.Triangles[v]], moved[v].X);
        }
        finally { folder.Delete(recursive: true); }
    }

    [Fact]
    [Trait("trap", "5")]
    public void Trap_5_what_only_turns_the_whole_character_and_joints_without_skin_are_held_still()
    {
        string[] names = ["scene", "root", "hip", "spine", "marker", "leg", "toe tip"];
        var skeleton = new Skeleton(names, [-1, 0, 1, 2, 3, 2, 5], [.. names.Select((_, j) => Affine.FromTranslation(new Vector3d(j, 0, 0)))]);
        // Skin hangs on hip, spine and leg.
        var skin = SkinWeights.Create([[(2, 1.0)], [(3, 1.0)], [(5, 1.0)]], names.Length);
        var held = HeldJoints.Of(skeleton, skin);
        Assert.Equal(["scene", "root", "hip", "marker", "toe tip"], names.Where((_, j) => held[j]));
    }
}
