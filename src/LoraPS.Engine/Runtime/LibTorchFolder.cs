namespace LoraPS.Engine.Runtime;

/// <summary>Which of the folders that may hold libtorch is used.</summary>
public static class LibTorchFolder
{
    /// <summary>The environment variable that names a folder before all others.</summary>
    public const string Variable = "LORAPS_LIBTORCH";

    /// <summary>TorchSharp's own native library.</summary>
    internal const string Bridge = "LibTorchSharp";

    private const string Heart = "torch_cpu";

    /// <summary>The first folder that holds libtorch. One that the user named has to.</summary>
    /// <param name="named">What LORAPS_LIBTORCH names; null where it is not set.</param>
    /// <param name="installed">What Install-LoraRuntime installed; null where nothing is.</param>
    /// <param name="own">The module's own folders.</param>
    /// <exception cref="TorchUnavailableException">None does.</exception>
    public static string Choose(string? named, string? installed, IReadOnlyList<string> own)
    {
        if (named is not null)
            return IsOne(named) ? named : throw new TorchUnavailableException(
                $"{Variable} names {named}, where {LibTorch.FileName(Heart)} was not found. Let it name a folder with the libraries of libtorch {LibTorch.Version}, or remove it.", named);
        string[] searched = [.. installed is null ? [] : new[] { installed }, .. own];
        return Array.Find(searched, IsOne) ?? throw new TorchUnavailableException(
            $"{LibTorch.FileName(Heart)} was not found in: {string.Join(", ", searched)}. Run Install-LoraRuntime -Backend Cpu, build the module again (dotnet build), or set {Variable} to a folder that holds libtorch {LibTorch.Version}.",
            searched[0]);
    }

    /// <summary>Whether a folder holds a library.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="library">The library's plain name.</param>
    public static bool Has(string folder, string library) => File.Exists(Path.Combine(folder, LibTorch.FileName(library)));

    private static bool IsOne(string folder) => Has(folder, Heart) || Has(folder, Bridge);
}
