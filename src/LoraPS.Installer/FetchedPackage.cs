namespace LoraPS.Installer;

/// <summary>A package on this machine that was checked.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Path">Full path of the .nupkg.</param>
/// <param name="Sha512">Its hash in base64.</param>
/// <param name="Feed">Where it came from.</param>
internal sealed record FetchedPackage(string Id, string Version, string Path, string Sha512, string Feed);
