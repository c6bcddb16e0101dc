namespace ExampleMlFarm.Learning.Native;

/// <summary>What was found when libtorch was looked for; what <c>mlfarm doctor</c> prints.</summary>
/// <param name="Loaded">libtorch answers calls.</param>
/// <param name="Version">Version of TorchSharp, with that of the libtorch it was built for.</param>
/// <param name="Folder">The folder libtorch came from, or was sought in.</param>
/// <param name="ChosenBy">What named the folder: <c>MLFARM_LIBTORCH</c>, <c>application folder</c>, <c>package</c>, or <c>nothing</c>.</param>
/// <param name="ShimPatched">The TorchSharp library was loaded from a copy whose need for a newer libstdc++ is marked optional.</param>
/// <param name="CudaAvailable">A CUDA device can be used.</param>
/// <param name="Problem">Why it is not loaded, saying what was tried; null when it is.</param>
public sealed record TorchReport(bool Loaded, string Version, string? Folder, string ChosenBy, bool ShimPatched, bool CudaAvailable, string? Problem);
