using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>Fills the folder of an installed runtime, whole or not at all, and reads what is in one.</summary>
internal static class RuntimeFolder
{
    private const string InfoFile = "runtime.json";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };
    private static readonly string[] Needed = ["c10", "torch_cpu"];

    /// <summary>Fills the folder and makes it the one in use.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="backend">What it computes on.</param>
    /// <param name="origin">Where it came from.</param>
    /// <param name="packages">The packages it was made of.</param>
    /// <param name="fill">Writes the libraries into the folder it is given.</param>
    /// <exception cref="RuntimeInstallException">The libraries are not all there.</exception>
    /// <exception cref="WriteFailedException">The system refused.</exception>
    public static InstalledRuntime Make(RuntimeStore store, RuntimeBackend backend, string origin, IReadOnlyList<FetchedPackage> packages, Action<string> fill)
    {
        using var folder = new AtomicFolder(store.FolderOf(backend));
        try
        {
            fill(folder.TemporaryPath);
            CheckLibraries(folder.TemporaryPath, backend, origin);
            File.WriteAllText(Path.Combine(folder.TemporaryPath, InfoFile), Describe(backend, origin, packages));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(folder.Path, e);
        }

        folder.Commit();
        Select(store, backend);
        return Read(store, backend)!;
    }

    /// <summary>Makes an installed runtime the one in use.</summary>
    public static void Select(RuntimeStore store, RuntimeBackend backend)
    {
        using var file = new AtomicFile(store.CurrentFile);
        file.Write(System.Text.Encoding.UTF8.GetBytes(RuntimeStore.NameOf(backend)));
        file.Commit();
    }

    /// <summary>What is installed; null where nothing is.</summary>
    public static InstalledRuntime? Read(RuntimeStore store, RuntimeBackend backend)
    {
        var folder = store.FolderOf(backend);
        var info = Path.Combine(folder, InfoFile);
        if (!File.Exists(info))
            return null;
        using var document = JsonDocument.Parse(File.ReadAllBytes(info));
        var length = new DirectoryInfo(folder).EnumerateFiles().Where(file => file.Name != InfoFile).Sum(file => file.Length);
        return new InstalledRuntime(backend, LibTorch.Version, LibTorch.Rid, folder, document.RootElement.GetProperty("origin").GetString()!, length);
    }

    private static void CheckLibraries(string folder, RuntimeBackend backend, string origin)
    {
        string[] needed = backend == RuntimeBackend.Cuda ? [.. Needed, "c10_cuda", "torch_cuda"] : Needed;
        if (Array.Find(needed, library => !LibTorchFolder.Has(folder, library)) is { } missing)
            throw new RuntimeInstallException("RuntimePackageCorrupt", $"What {origin} holds is no libtorch for {backend} on {LibTorch.Rid}: {LibTorch.FileName(missing)} is missing.", origin);
    }

    private static string Describe(RuntimeBackend backend, string origin, IReadOnlyList<FetchedPackage> packages) => JsonSerializer.Serialize(
        new { backend = backend.ToString(), version = LibTorch.Version, rid = LibTorch.Rid, origin, packages = packages.Select(p => new { id = p.Id, version = p.Version, sha512 = p.Sha512, feed = p.Feed }) },
        Readable);
}
