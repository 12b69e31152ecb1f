namespace LoraPS.Engine.Runtime;

/// <summary>A libtorch that Install-LoraRuntime put in the user's folder.</summary>
/// <param name="Backend">What it computes on.</param>
/// <param name="Version">Its version.</param>
/// <param name="Rid">NuGet's name of the platform it is for.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Origin">Where it came from: the feeds, or a folder.</param>
/// <param name="Length">Size of its files in bytes.</param>
public sealed record InstalledRuntime(RuntimeBackend Backend, string Version, string Rid, string Path, string Origin, long Length);
