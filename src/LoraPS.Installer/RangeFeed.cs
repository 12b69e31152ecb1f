using System.Net;
using System.Net.Http.Headers;
using Newtonsoft.Json.Linq;
using NuGet.Common;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;

namespace LoraPS.Installer;

/// <summary>A feed of NuGet's third protocol: a package is a file at an address, and its rest can be asked for.</summary>
/// <param name="repository">The feed.</param>
/// <param name="log">Where NuGet's messages go.</param>
internal sealed class RangeFeed(SourceRepository repository, ILogger log) : PackageFeed(repository, log)
{
    // In a row, without a byte received between them.
    private const int MaxFailures = 3;
    private const int BlockSize = 1 << 17;

    /// <inheritdoc/>
    public override async Task<string?> HashAsync(PackageIdentity package, CancellationToken stop)
    {
        var registration = await Repository.GetResourceAsync<RegistrationResourceV3>(stop).ConfigureAwait(false);
        if (registration is null || await registration.GetPackageMetadata(package, Cache, Log, stop).ConfigureAwait(false) is not { } entry)
            return null;
        return HashIn(entry) ?? (entry.Value<string>("@id") is { } address && Uri.TryCreate(address, UriKind.Absolute, out var leaf)
            ? HashIn(await GetAsync(leaf, stop).ConfigureAwait(false))
            : null);
    }

    /// <inheritdoc/>
    public override async Task CopyAsync(PackageIdentity package, PartFile part, Action<long, long?> report, CancellationToken stop)
    {
        var address = await AddressAsync(package, stop).ConfigureAwait(false);
        var http = await HttpAsync(stop).ConfigureAwait(false);
        for (var failures = 0; ;)
        {
            var start = part.Length;
            try
            {
                await http.ProcessResponseAsync(Request(address, start), response => ReceiveAsync(response, part, start, report, stop), Cache, Log, stop).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is IOException or HttpRequestException && !stop.IsCancellationRequested)
            {
                failures = part.Length > start ? 0 : failures + 1;
                if (failures == MaxFailures)
                    throw;
                Log.LogInformation($"{address}: {e.Message} Going on at byte {part.Length}.");
            }
        }
    }

    private static HttpSourceRequest Request(Uri address, long start) => new(() =>
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (start > 0)
            request.Headers.Range = new RangeHeaderValue(start, null);
        return request;
    });

    private static async Task<bool> ReceiveAsync(HttpResponseMessage response, PartFile part, long start, Action<long, long?> report, CancellationToken stop)
    {
        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && range?.Length == start)
            return true;
        if (response.StatusCode != HttpStatusCode.PartialContent || range?.From != start)
            part.Restart();
        if (part.Length != start && response.StatusCode != HttpStatusCode.OK)
            throw new IOException($"The feed has no rest from byte {start} on: {(int)response.StatusCode}.");
        response.EnsureSuccessStatusCode();
        var size = range?.Length ?? response.Content.Headers.ContentLength;
        var source = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var block = new byte[BlockSize];
        while (await source.ReadAsync(block, stop).ConfigureAwait(false) is > 0 and var read)
        {
            part.Append(block.AsSpan(0, read));
            report(part.Length, size);
        }

        return size is null || part.Length == size ? true : throw new IOException($"The connection ended after {part.Length} of {size} bytes.");
    }

    private async Task<Uri> AddressAsync(PackageIdentity package, CancellationToken stop)
    {
        var index = await ResourceAsync<ServiceIndexResourceV3>(stop).ConfigureAwait(false);
        var (id, version) = (package.Id.ToLowerInvariant(), package.Version.ToNormalizedString().ToLowerInvariant());
        var files = index.GetServiceEntryUri(ServiceTypes.PackageBaseAddress) ?? throw new IOException($"The feed does not say where its packages are ({ServiceTypes.PackageBaseAddress[0]})");
        return new Uri($"{files.AbsoluteUri.TrimEnd('/')}/{id}/{version}/{id}.{version}.nupkg");
    }

    private async Task<HttpSource> HttpAsync(CancellationToken stop) =>
        (await ResourceAsync<HttpSourceResource>(stop).ConfigureAwait(false)).HttpSource;

    private async Task<JObject?> GetAsync(Uri address, CancellationToken stop)
    {
        var http = await HttpAsync(stop).ConfigureAwait(false);
        return await http.GetJObjectAsync(new HttpSourceRequest(address, Log) { IgnoreNotFounds = true }, Log, stop).ConfigureAwait(false);
    }

    private static string? HashIn(JObject? entry) =>
        string.Equals(entry?.Value<string>("packageHashAlgorithm"), "SHA512", StringComparison.OrdinalIgnoreCase) ? entry!.Value<string>("packageHash") : null;
}
