using ExampleMlFarm.Geometry.Numerics;
using ExampleMlFarm.Simulation.Tissue;
using SharpGLTF.Schema2;

namespace ExampleMlFarm.Bench.Tissue;

/// <summary>The Khronos fox with bones from joint to joint, and poses drawn within the rotations of its clips.</summary>
internal sealed class Fox
{
    readonly Quaterniond[] restTurns;
    readonly Vector3d[] restPlaces, low, high;
    readonly int firstMoving;
    readonly bool[] moves;

    public double[] Points { get; }
    public int[] Triangles { get; }
    public TissueJoint[] Joints { get; }
    public int[] SkinJoints { get; }
    public double[] SkinWeights { get; }

    public Fox(string path, double boneRadius = 0)
    {
        var model = ModelRoot.Load(path);
        var mesh = model.LogicalMeshes[0].Primitives[0];
        Points = [.. mesh.GetVertexAccessor("POSITION").AsVector3Array().SelectMany(p => new double[] { p.X, p.Y, p.Z })];
        Triangles = [.. mesh.GetTriangleIndices().SelectMany(t => new[] { t.A, t.B, t.C })];
        SkinJoints = [.. mesh.GetVertexAccessor("JOINTS_0").AsVector4Array().SelectMany(v => new[] { (int)v.X, (int)v.Y, (int)v.Z, (int)v.W })];
        SkinWeights = [.. mesh.GetVertexAccessor("WEIGHTS_0").AsVector4Array().SelectMany(v => new double[] { v.X, v.Y, v.Z, v.W })];
        var skin = model.LogicalSkins[0];
        var nodes = Enumerable.Range(0, skin.JointsCount).Select(i => skin.GetJoint(i).Joint).ToList();
        var parents = nodes.Select(n => n.VisualParent is { } p ? nodes.IndexOf(p) : -1).ToArray();
        var binds = Enumerable.Range(0, skin.JointsCount).Select(i => Affine.FromRowVectorMatrix(skin.GetJoint(i).InverseBindMatrix).Inverse()).ToArray();
        var bones = BoneSegments.FromSkeleton(binds, parents, Points, SkinJoints, SkinWeights, boneRadius);
        Joints = [.. nodes.Select((n, j) => new TissueJoint(n.Name, parents[j], binds[j], bones[j]))];

        firstMoving = Enumerable.Range(0, Joints.Length).First(j => bones[j].Length > 0) + 1;
        restTurns = new Quaterniond[Joints.Length];
        restPlaces = new Vector3d[Joints.Length];
        low = new Vector3d[Joints.Length];
        high = new Vector3d[Joints.Length];
        moves = new bool[Joints.Length];
        for (var j = 0; j < Joints.Length; j++)
        {
            var local = parents[j] < 0 ? binds[j] : binds[parents[j]].Inverse() * binds[j];
            restTurns[j] = Quaterniond.FromMatrix(Svd3.ClosestRotation(local.Linear));
            restPlaces[j] = local.Translation;
            foreach (var clip in model.LogicalAnimations)
                foreach (var channel in clip.Channels.Where(c => c.TargetNode == nodes[j] && c.TargetNodePath == PropertyPath.rotation))
                {
                    var previous = Vector3d.Zero;
                    foreach (var (_, q) in channel.GetRotationSampler().GetLinearKeys())
                    {
                        var w = RotationVector.Log(restTurns[j].Conjugate() * new Quaterniond(q.W, q.X, q.Y, q.Z));
                        previous = w = RotationVector.Unwrap(w, previous);
                        low[j] = moves[j] ? Vector3d.Min(low[j], w) : w;
                        high[j] = moves[j] ? Vector3d.Max(high[j], w) : w;
                        moves[j] = true;
                    }
                }
        }
    }

    /// <summary>World transforms with every moving joint uniform within its clips' range.</summary>
    public Affine[] Pose(Func<double> uniform)
    {
        var world = new Affine[Joints.Length];
        for (var j = 0; j < Joints.Length; j++)
        {
            var turn = restTurns[j];
            var w = new Vector3d(Between(0), Between(1), Between(2));
            if (j >= firstMoving && moves[j]) turn *= RotationVector.Exp(w);
            var local = new Affine(turn.ToMatrix(), restPlaces[j]);
            world[j] = Joints[j].Parent < 0 ? local : world[Joints[j].Parent] * local;

            double Between(int axis) => low[j][axis] + (high[j][axis] - low[j][axis]) * uniform();
        }
        return world;
    }

    public TissueCapture Capture(CaptureOptions options) => TissueCapture.Build(Points, Triangles, Joints, options);
}
