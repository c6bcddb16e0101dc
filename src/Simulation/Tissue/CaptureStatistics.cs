namespace ExampleMlFarm.Simulation.Tissue;

/// <summary>What a capture found, for reports.</summary>
/// <param name="ElementSize">Edge of the cubes, in the skin's units.</param>
/// <param name="Cubes">Cubes of the cage, five tetrahedra each.</param>
/// <param name="GluedCubes">Cubes that hold skin of joints more than two bones apart: they glue parts together that should move freely.</param>
/// <param name="DroppedComponents">Parts of the skin too small for a cage of their own.</param>
/// <param name="DroppedCubes">Cubes that no bone reaches, in pieces below the volume threshold.</param>
/// <param name="WeldedPoints">Points of the surface after welding.</param>
/// <param name="ExtrapolatedPoints">Skin points so far outside their tetrahedron that a weight is below -0.5.</param>
/// <param name="ReachedPins">Pins taken beyond the pin thickness because their joint had too few.</param>
public sealed record CaptureStatistics(
    double ElementSize, int Cubes, int GluedCubes, int DroppedComponents, int DroppedCubes, int WeldedPoints, int ExtrapolatedPoints, int ReachedPins);
