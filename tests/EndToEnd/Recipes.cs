namespace ExampleMlFarm.Tests.EndToEnd;

/// <summary>Recipes small enough for tests, and made of the same nodes as the main job.</summary>
internal static class Recipes
{
    /// <summary>Poses of the limb in a coarse cage, their displacements, a basis, a data set, two trials.</summary>
    public static string Limb(string batch = "auto") => """
        recipe: 1
        name: small
        params:
          poses: { type: int, default: 24 }
        nodes:
          limits:
            uses: configure_joint_limits
            with: { character: "builtin:limb" }
          capture:
            uses: armature_capture
            with: { character: "builtin:limb", resolution: 16 }
          poses:
            generate: ${{ params.poses }}
            uses: ml_pose_generate
            batch: BATCH
            with: { limits: "${{ nodes.limits }}", seed: 3 }
          simulate:
            from: poses
            uses: armature_deform
            batch: BATCH
            with: { capture: "${{ nodes.capture }}" }
          displacements:
            from: simulate
            batch: BATCH
            steps:
              - ml_example_decompose
              - rest_displacement: { capture: "${{ nodes.capture }}" }
              - ml_example
          basis:
            collect: displacements
            uses: pca
            with: { components: 8 }
          dataset:
            collect: displacements
            uses: ml_example_raw_output
            with:
              input: { ml_pose_serialize: { character: "${{ nodes.limits }}" } }
              target: { pca: { mode: project, basis: "${{ nodes.basis }}", components: 8 } }
          train:
            wedge: { parameters: { hidden_layers: { values: [1, 2] } } }
            uses: ml_train_regression
            with:
              dataset: ${{ nodes.dataset }}
              hidden_layers: ${{ item.hidden_layers }}
              hidden_width: 32
              max_epochs: 400
              early_stopping: { enable: false }
        outputs:
          dataset: ${{ nodes.dataset }}
          models: ${{ nodes.train }}
        """.Replace("BATCH", batch);
}
