using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>Installs a libtorch that is in a folder already, such as PyTorch's own download, unpacked.</summary>
public static class LocalRuntime
{
    // Where PyTorch's download and its Python package have their libraries.
    private static readonly string[] Places = ["", "lib", "libtorch/lib", "torch/lib"];

    /// <summary>What a folder's libtorch computes on.</summary>
    /// <param name="path">Full path of the folder, or of one above it.</param>
    /// <exception cref="RuntimeInstallException">It holds no libtorch, or one of another version.</exception>
    public static RuntimeBackend BackendOf(string path) => LibTorchFolder.Has(Find(path), "torch_cuda") ? RuntimeBackend.Cuda : RuntimeBackend.Cpu;

    /// <summary>Copies the folder's libraries into the user's folder.</summary>
    /// <param name="path">Full path of the folder, or of one above it.</param>
    /// <param name="store">Where they go.</param>
    /// <param name="force">Install again what is installed.</param>
    /// <param name="events">Is told of progress.</param>
    /// <param name="stop">Stops it; nothing is left behind.</param>
    /// <exception cref="RuntimeInstallException">The folder holds no libtorch, or one of another version.</exception>
    /// <exception cref="DestinationExistsException">One is installed, and <paramref name="force"/> is false.</exception>
    /// <exception cref="WriteFailedException">The system refused.</exception>
    public static InstalledRuntime Install(string path, RuntimeStore store, bool force, IProgress<EngineEvent>? events = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var (folder, backend) = (Find(path), BackendOf(path));
        Destination.Check(store.FolderOf(backend), force);
        var files = new DirectoryInfo(folder).GetFiles().Where(file => RuntimePackages.IsWanted(file.Name)).ToList();
        return RuntimeFolder.Make(store, backend, folder, [], destination =>
        {
            for (var i = 0; i < files.Count; i++)
            {
                stop.ThrowIfCancellationRequested();
                events?.Report(new ProgressEvent("Copying libtorch", files[i].Name, (double)i / files.Count));
                files[i].CopyTo(Path.Combine(destination, files[i].Name));
            }
        });
    }

    private static string Find(string path)
    {
        var folder = Places.Select(place => Path.Combine(path, place)).FirstOrDefault(place => LibTorchFolder.Has(place, "torch_cpu"))
            ?? throw Unusable(path, $"{LibTorch.FileName("torch_cpu")} is neither there nor in its lib folder. Give the folder that holds the libraries of libtorch {LibTorch.Version} for {LibTorch.Rid}.");
        var version = new[] { folder, Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) }
            .OfType<string>().Select(place => Path.Combine(place, "build-version")).Where(File.Exists).Select(file => File.ReadAllText(file).Trim()).FirstOrDefault();
        return version is null || version.Split('+')[0] == LibTorch.Version ? Path.TrimEndingDirectorySeparator(folder)
            : throw Unusable(path, $"it is version {version}; the module works with {LibTorch.Version} alone.");
    }

    private static RuntimeInstallException Unusable(string path, string reason) =>
        new("RuntimeFolderUnusable", $"No libtorch can be installed from {path}: {reason}", path);
}
