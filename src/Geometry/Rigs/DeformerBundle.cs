using ExampleMlFarm.Core;

namespace ExampleMlFarm.Geometry.Rigs;

/// <summary>
/// Everything that a trained deformer needs beside the character itself: the network, the basis that its outputs weight, how
/// poses are written for it, the joint limits it was trained within, and the hash of the skin it belongs to.
/// </summary>
/// <param name="CharacterName">For people.</param>
/// <param name="SkinHash"><see cref="Character.SkinHash"/> of the skin trained on.</param>
/// <param name="Model">ONNX bytes: input the serialized pose, output one weight per shape.</param>
/// <param name="Encoding">How displacements are carried into a pose.</param>
public sealed record DeformerBundle(
    string CharacterName, string SkinHash, byte[] Model, ShapeBasis Basis, PoseSerializeOptions Pose, JointLimits Limits,
    DisplacementEncoding Encoding = DisplacementEncoding.Inverse, SkinningMethod Skinning = SkinningMethod.Linear)
{
    /// <exception cref="FarmException">The character is not the one that the deformer was trained on.</exception>
    public void CheckBelongsTo(Character character)
    {
        if (character.PointCount != Basis.PointCount)
            throw FarmException.Invalid("deformer.points", $"The deformer of \"{CharacterName}\" has {Basis.PointCount} points, \"{character.Name}\" has {character.PointCount}. Use the character that it was trained on.");
        if (character.SkinHash() != SkinHash)
            throw FarmException.Invalid("deformer.skin_hash", $"The skin of \"{character.Name}\" is not the one that the deformer of \"{CharacterName}\" was trained on (weights, points or skeleton differ). Use that character, or train again.");
    }
}
