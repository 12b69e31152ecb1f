using LoraPS.Engine.Runtime;
using NuGet.Common;
using NuGet.Packaging.Core;
using NuGet.Protocol.Core.Types;

namespace LoraPS.Installer;

/// <summary>A NuGet feed, as NuGet.Protocol reads it: its credentials, proxies and retries are NuGet's.</summary>
/// <param name="repository">The feed.</param>
/// <param name="log">Where NuGet's messages go.</param>
internal class PackageFeed(SourceRepository repository, ILogger log) : IDisposable
{
    /// <summary>Reads a file without keeping it in NuGet's own cache.</summary>
    protected SourceCacheContext Cache { get; } = new() { NoCache = true, DirectDownload = true };

    /// <summary>The feed.</summary>
    protected SourceRepository Repository => repository;

    /// <summary>Where NuGet's messages go.</summary>
    protected ILogger Log => log;

    /// <summary>What the user knows it by.</summary>
    public string Name => repository.PackageSource.Name;

    /// <summary>Its address or folder.</summary>
    public string Address => repository.PackageSource.Source;

    /// <summary>Whether the feed has a package.</summary>
    public async Task<bool> HasAsync(PackageIdentity package, CancellationToken stop)
    {
        var packages = await ResourceAsync<FindPackageByIdResource>(stop).ConfigureAwait(false);
        return await packages.DoesPackageExistAsync(package.Id, package.Version, Cache, log, stop).ConfigureAwait(false);
    }

    /// <summary>The SHA-512 that the feed gives for a package, in base64; null where it gives none.</summary>
    public virtual Task<string?> HashAsync(PackageIdentity package, CancellationToken stop)
    {
        // A folder as NuGet lays it out has the hash beside the package.
        var hash = Path.Combine(
            repository.PackageSource.Source, package.Id.ToLowerInvariant(), package.Version.ToNormalizedString(), $"{package.Id.ToLowerInvariant()}.{package.Version.ToNormalizedString()}.nupkg.sha512");
        return Task.FromResult(repository.PackageSource.IsLocal && File.Exists(hash) ? File.ReadAllText(hash).Trim() : null);
    }

    /// <summary>Copies a package into a file, which may hold a part of it already.</summary>
    /// <param name="package">The package.</param>
    /// <param name="part">The file; what is in it is kept where the feed can go on from there, and overwritten where not.</param>
    /// <param name="report">Is told how many bytes there are, and how many there will be where that is known.</param>
    /// <param name="stop">Stops the copying; the part stays.</param>
    public virtual async Task CopyAsync(PackageIdentity package, PartFile part, Action<long, long?> report, CancellationToken stop)
    {
        part.Restart();
        var packages = await ResourceAsync<FindPackageByIdResource>(stop).ConfigureAwait(false);
        if (!await packages.CopyNupkgToStreamAsync(package.Id, package.Version, part.Stream, Cache, log, stop).ConfigureAwait(false))
            throw new IOException($"{package} is not there any more");
        report(part.Length, part.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cache.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A service of the feed.</summary>
    /// <exception cref="RuntimeInstallException">It has none: it is no feed.</exception>
    protected async Task<T> ResourceAsync<T>(CancellationToken stop)
        where T : class, INuGetResource =>
        await repository.GetResourceAsync<T>(stop).ConfigureAwait(false)
        ?? throw new RuntimeInstallException("RuntimeFeedUnavailable", $"{Address} is no NuGet feed.", Address);
}
