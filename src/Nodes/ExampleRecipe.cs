namespace ExampleMlFarm.Nodes;

/// <summary>
/// The beginnings that the examples in the catalogue share: each example is a whole recipe that can be run, and what a node needs before it comes from here.
/// </summary>
internal static class ExampleRecipe
{
    public const string Head = "recipe: 1\nnodes:\n";

    public const string Limits = "  limits: { uses: configure_joint_limits, with: { character: \"builtin:limb\" } }\n";

    public const string Capture = "  capture: { uses: armature_capture, with: { character: \"builtin:limb\" } }\n";

    public const string Poses = "  poses: { generate: 64, uses: ml_pose_generate, with: { limits: \"${{ nodes.limits }}\" } }\n";

    public const string Numbers = "  numbers: { from: poses, uses: ml_pose_serialize, with: { character: \"${{ nodes.limits }}\" } }\n";

    public const string Simulate = "  simulate: { from: poses, uses: armature_deform, with: { capture: \"${{ nodes.capture }}\" } }\n";

    public const string Displacements =
        "  displacements:\n    from: simulate\n    steps: [ml_example_decompose, { rest_displacement: { capture: \"${{ nodes.capture }}\" } }, ml_example]\n";

    public const string Basis = "  basis: { collect: displacements, uses: pca, with: { components: 16 } }\n";

    public const string Dataset =
        "  dataset:\n    collect: displacements\n    uses: ml_example_raw_output\n    with:\n" +
        "      input: { ml_pose_serialize: { character: \"${{ nodes.limits }}\" } }\n" +
        "      target: { pca: { mode: project, basis: \"${{ nodes.basis }}\", components: 16 } }\n";

    public const string Train =
        "  train:\n    uses: ml_train_regression\n    with: { dataset: \"${{ nodes.dataset }}\", hidden_layers: 1, activation: silu, max_batch_size: 16, learning_rate: 3e-3 }\n";

    public const string Unseen =
        "  others: { generate: 16, uses: ml_pose_generate, with: { limits: \"${{ nodes.limits }}\", seed: 1000003 } }\n" +
        "  truth: { from: others, uses: armature_deform, with: { capture: \"${{ nodes.capture }}\" } }\n" +
        "  unseen:\n    from: truth\n    steps: [ml_example_decompose, { rest_displacement: { capture: \"${{ nodes.capture }}\" } }, ml_example]\n";

    /// <summary>Poses with their simulated flesh.</summary>
    public const string Simulated = Head + Limits + Capture + Poses + Simulate;

    /// <summary>A data set.</summary>
    public const string Data = Simulated + Displacements + Basis + Dataset;
}
