using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Versioning;

namespace LoraPS.Installer;

/// <summary>Installs libtorch for the user, from NuGet feeds or from a folder.</summary>
public static class RuntimeInstaller
{
    private static readonly NuGetVersion Version = NuGetVersion.Parse(LibTorch.Version);

    /// <summary>Fetches libtorch's packages, checks them, and unpacks them into the user's folder.</summary>
    /// <param name="options">Which, from where, and to where.</param>
    /// <param name="events">Is told of progress, surprises and decisions.</param>
    /// <param name="stop">Stops it. What was fetched is kept, and the next run goes on from there.</param>
    /// <exception cref="RuntimeInstallException">A package is missing, damaged or not vouched for, or no feed can be reached.</exception>
    /// <exception cref="WriteFailedException">The system refused.</exception>
    public static InstalledRuntime Install(RuntimeInstallOptions options, IProgress<EngineEvent>? events = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var head = RuntimePackages.Head(options.Backend, LibTorch.Rid);
        if (!options.Force && RuntimeFolder.Read(options.Store, options.Backend) is { } present)
        {
            events?.Report(new DetailEvent($"{present.Path} is installed already, and is used from now on."));
            RuntimeFolder.Select(options.Store, options.Backend);
            return present;
        }

        // Asynchronous only because NuGet is; nothing else runs meanwhile.
        var packages = FetchAsync(head, options, events, stop).GetAwaiter().GetResult();
        using (var files = new PackageFiles(packages.Select(package => package.Path), LibTorch.Rid))
        {
            var runtime = RuntimeFolder.Make(
                options.Store, options.Backend, string.Join(", ", packages.Select(package => package.Feed).Distinct()), packages,
                folder => Unpack(files, folder, events, stop));
            events?.Report(new DetailEvent($"Unpacked into {runtime.Path}: {string.Join(", ", packages.Select(package => Path.GetFileName(package.Path)))}."));
        }

        foreach (var package in packages)
            File.Delete(package.Path);
        return RuntimeFolder.Read(options.Store, options.Backend)!;
    }

    private static async Task<IReadOnlyList<FetchedPackage>> FetchAsync(string head, RuntimeInstallOptions options, IProgress<EngineEvent>? events, CancellationToken stop)
    {
        using var feeds = PackageFeeds.Open(options, events);
        var download = new PackageDownload(feeds, options.Store.DownloadFolder, options.AllowUnverified, events);
        var progress = new FetchProgress(events);
        var packages = new List<FetchedPackage>();
        var wanted = new List<string> { head };
        for (var i = 0; i < wanted.Count; i++)
        {
            progress.Begin(wanted[i], i, wanted.Count);
            var package = await download.FetchAsync(new PackageIdentity(wanted[i], Version), progress.Report, stop).ConfigureAwait(false);
            events?.Report(new DetailEvent($"{package.Id} {package.Version} from {package.Feed}: SHA-512 {package.Sha512}."));
            packages.Add(package);
            if (i == 0)
                wanted.AddRange(Parts(head, package.Path));
        }

        return packages;
    }

    private static IEnumerable<string> Parts(string head, string path)
    {
        try
        {
            using var package = new PackageArchiveReader(path);
            return [.. package.GetPackageDependencies().SelectMany(group => group.Packages).Select(dependency => dependency.Id)
                .Where(id => RuntimePackages.IsPart(head, id)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
        }
        catch (Exception e) when (e is InvalidDataException or PackagingException)
        {
            throw new RuntimeInstallException("RuntimePackageCorrupt", $"{path} is no package: {e.Message} Delete it and run the command again, or name another feed with -Source.", path, e);
        }
    }

    private static void Unpack(PackageFiles files, string folder, IProgress<EngineEvent>? events, CancellationToken stop)
    {
        var (size, done) = (files.Files.Sum(file => file.Length), 0L);
        var space = new DriveInfo(folder).AvailableFreeSpace;
        if (space < size)
            throw new IOException($"libtorch needs {size >> 20} MiB there, and {space >> 20} MiB are free.");
        foreach (var file in files.Files)
        {
            file.Write(folder, Report, stop);

            void Report(long written)
            {
                done += written;
                events?.Report(new ProgressEvent("Unpacking libtorch", $"{file.Name}, {done >> 20} of {size >> 20} MiB", size == 0 ? 1 : (double)done / size));
            }
        }
    }
}
