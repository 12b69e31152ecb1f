using System.Security.Cryptography;
using LoraPS.Engine.Runtime;
using NuGet.Packaging.Core;
using NuGet.Protocol.Core.Types;

namespace LoraPS.Installer;

/// <summary>Fetches packages into a folder and lets none out that is not what it should be.</summary>
/// <param name="feeds">Where they come from.</param>
/// <param name="folder">Where they are kept until they are unpacked; whole ones and parts of an earlier run are used.</param>
/// <param name="allowUnverified">Take packages that nothing vouches for, with a warning.</param>
/// <param name="events">Is told what is surprising.</param>
internal sealed class PackageDownload(PackageFeeds feeds, string folder, bool allowUnverified, IProgress<EngineEvent>? events)
{
    /// <summary>Fetches a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="report">Is told how many bytes there are, and how many there will be where that is known.</param>
    /// <param name="stop">Stops it; what was fetched is kept.</param>
    /// <exception cref="RuntimeInstallException">No feed has it, or what it has is not the package.</exception>
    public async Task<FetchedPackage> FetchAsync(PackageIdentity package, Action<long, long?> report, CancellationToken stop)
    {
        var feed = await feeds.FindAsync(package, stop).ConfigureAwait(false);
        try
        {
            var expected = await ExpectedAsync(feed, package, stop).ConfigureAwait(false);
            var path = Path.Combine(folder, $"{package.Id}.{package.Version.ToNormalizedString()}.nupkg".ToLowerInvariant());
            var hash = KeptHash(path, expected) ?? await CopyAsync(feed, package, path, expected, report, stop).ConfigureAwait(false);
            if (expected is null)
                await VouchAsync(feed, package, path, stop).ConfigureAwait(false);
            return new FetchedPackage(package.Id, package.Version.ToNormalizedString(), path, hash, feed.Address);
        }
        catch (Exception e) when (e is FatalProtocolException or HttpRequestException or IOException && !stop.IsCancellationRequested)
        {
            throw new RuntimeInstallException(
                "RuntimeFeedUnavailable",
                $"{package} could not be fetched from {feed.Address}: {PackageFeeds.Innermost(e)} What was fetched is kept in {folder}: run the command again to go on.",
                package.Id, e);
        }
    }

    private static async Task<string?> ExpectedAsync(PackageFeed feed, PackageIdentity package, CancellationToken stop)
    {
        var pinned = PinnedHashes.Of(package);
        var stated = pinned is null || feed is not RangeFeed ? await feed.HashAsync(package, stop).ConfigureAwait(false) : null;
        return pinned is null || stated is null || pinned == stated ? pinned ?? stated : throw Corrupt(feed, package, pinned, stated);
    }

    private static string? KeptHash(string path, string? expected)
    {
        if (!File.Exists(path))
            return null;
        using var file = File.OpenRead(path);
        var hash = Convert.ToBase64String(SHA512.HashData(file));
        return expected is null || hash == expected ? hash : null;
    }

    private static async Task<string> CopyAsync(PackageFeed feed, PackageIdentity package, string path, string? expected, Action<long, long?> report, CancellationToken stop)
    {
        using var part = new PartFile(path);
        // A part of something else makes a wrong whole: then once more from the start.
        for (var resumed = part.Length > 0; ; resumed = false)
        {
            await feed.CopyAsync(package, part, report, stop).ConfigureAwait(false);
            var hash = part.Hash();
            if (expected is null || hash == expected)
            {
                part.Complete();
                return hash;
            }

            if (!resumed)
            {
                part.Delete();
                throw Corrupt(feed, package, expected, hash);
            }

            part.Restart();
        }
    }

    private async Task VouchAsync(PackageFeed feed, PackageIdentity package, string path, CancellationToken stop)
    {
        switch (await PackageSignature.CheckAsync(path, stop).ConfigureAwait(false))
        {
            case SignatureCheck.Trusted:
                return;
            case SignatureCheck.Broken:
                File.Delete(path);
                throw new RuntimeInstallException("RuntimePackageCorrupt", $"{package} from {feed.Address} is not what its signature was made for. It was deleted; run the command again, or name another feed with -Source.", package.Id);
        }

        if (!allowUnverified)
            throw new RuntimeInstallException(
                "RuntimePackageUnverified",
                $"Nothing vouches for {package} from {feed.Address}: the module knows no hash of it, the feed gives none, and nuget.org has not signed it. Name another feed with -Source, or take it all the same with -AllowUnverified.",
                package.Id);
        events?.Report(new WarningEvent("RuntimePackageUnverified", $"Nothing vouches for {package} from {feed.Address}; it is taken as it is.", package.Id));
    }

    private static RuntimeInstallException Corrupt(PackageFeed feed, PackageIdentity package, string expected, string found) => new(
        "RuntimePackageCorrupt",
        $"{package} from {feed.Address} has the SHA-512 {found}; expected {expected}. It was not kept. Run the command again, or name another feed with -Source.",
        package.Id);
}
