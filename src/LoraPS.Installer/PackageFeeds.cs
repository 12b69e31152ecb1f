using LoraPS.Engine.Runtime;
using NuGet.Common;
using NuGet.Configuration;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;

namespace LoraPS.Installer;

/// <summary>The feeds that a package may come from: those of NuGet.config, or those that were named.</summary>
internal sealed class PackageFeeds : IDisposable
{
    private readonly List<PackageFeed> _feeds;
    private readonly PackageSourceMapping? _mapping;
    private readonly IProgress<EngineEvent>? _events;

    private PackageFeeds(List<PackageFeed> feeds, PackageSourceMapping? mapping, IProgress<EngineEvent>? events) =>
        (_feeds, _mapping, _events) = (feeds, mapping, events);

    /// <summary>Opens the feeds; none is asked for anything yet.</summary>
    /// <param name="options">Names them, or says where NuGet.config is.</param>
    /// <param name="events">Is told what NuGet says.</param>
    /// <exception cref="RuntimeInstallException">There is none, or one is neither encrypted nor on this machine.</exception>
    public static PackageFeeds Open(RuntimeInstallOptions options, IProgress<EngineEvent>? events)
    {
        var settings = Settings.LoadDefaultSettings(options.ConfigurationFolder);
        var configured = new PackageSourceProvider(settings).LoadPackageSources().ToList();
        List<PackageSource> sources = options.Sources.Count == 0
            ? [.. configured.Where(source => source.IsEnabled)]
            : [.. options.Sources.Select(name => configured.Find(source => string.Equals(source.Name, name, StringComparison.OrdinalIgnoreCase)) ?? Named(name, options.ConfigurationFolder))];
        if (sources.Count == 0)
            throw new RuntimeInstallException("RuntimeFeedUnavailable", $"NuGet.config, from {options.ConfigurationFolder} upwards, names no feed. Name one with -Source, such as https://api.nuget.org/v3/index.json.");
        sources.ForEach(CheckEncrypted);
        var mapping = options.Sources.Count == 0 ? PackageSourceMapping.GetPackageSourceMapping(settings) : null;
        return new PackageFeeds([.. sources.Select(source => Open(source, new NuGetLog(events)))], mapping is { IsEnabled: true } ? mapping : null, events);
    }

    /// <summary>The first feed that has a package.</summary>
    /// <exception cref="RuntimeInstallException">None has it, or none that might can be reached.</exception>
    public async Task<PackageFeed> FindAsync(PackageIdentity package, CancellationToken stop)
    {
        var failures = new List<Exception>();
        var asked = _feeds.Where(feed => _mapping is null || _mapping.GetConfiguredPackageSources(package.Id).Contains(feed.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        foreach (var feed in asked)
        {
            try
            {
                if (await feed.HasAsync(package, stop).ConfigureAwait(false))
                    return feed;
            }
            catch (Exception e) when (e is FatalProtocolException or HttpRequestException or IOException)
            {
                failures.Add(e);
                _events?.Report(new WarningEvent("RuntimeFeedUnavailable", $"The feed {feed.Address} cannot be read: {Innermost(e)}", feed.Address));
            }
        }

        var names = string.Join(", ", asked.Select(feed => feed.Address));
        throw failures.Count > 0
            ? new RuntimeInstallException("RuntimeFeedUnavailable", $"{package} was not found, and not all feeds could be read ({names}): {Innermost(failures[0])} Check the connection and NuGet.config, or name another feed with -Source.", package.Id, failures[0])
            : new RuntimeInstallException("RuntimePackageMissing", $"{package} is in none of the feeds ({(asked.Count == 0 ? "package source mapping allows none" : names)}). Name one that has it with -Source, such as https://api.nuget.org/v3/index.json, or give a folder with -Path.", package.Id);
    }

    /// <summary>What went wrong at the bottom of an exception, as a sentence.</summary>
    public static string Innermost(Exception exception) => exception.GetBaseException().Message.TrimEnd('.') + ".";

    /// <inheritdoc/>
    public void Dispose() => _feeds.ForEach(feed => feed.Dispose());

    private static PackageSource Named(string name, string folder) => Uri.TryCreate(name, UriKind.Absolute, out var address) && !address.IsFile
        ? new PackageSource(name) { AllowInsecureConnections = address.IsLoopback }
        : new PackageSource(Path.GetFullPath(name, folder));

    private static PackageFeed Open(PackageSource source, NuGetLog log)
    {
        var repository = Repository.Factory.GetCoreV3(source);
        return source.IsHttp && source.Source.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? new RangeFeed(repository, log) : new PackageFeed(repository, log);
    }

    private static void CheckEncrypted(PackageSource source)
    {
        if (source is { IsHttp: true, IsHttps: false, AllowInsecureConnections: false } && !source.SourceUri.IsLoopback)
            throw new RuntimeInstallException("RuntimeFeedInsecure", $"The feed {source.Source} is not encrypted. Use its https address, or set allowInsecureConnections for it in NuGet.config.", source.Source);
    }
}
