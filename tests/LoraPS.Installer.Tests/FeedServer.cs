using System.Net;
using System.Text;
using System.Text.Json;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer.Tests;

/// <summary>A NuGet feed on this machine that can break off, refuse ranges, and lie.</summary>
internal sealed class FeedServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, byte[]> _packages = [];

    public FeedServer()
    {
        // A port that is free now may be taken a moment later.
        for (var tries = 0; ; tries++)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Root = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            _listener.Prefixes.Clear();
            _listener.Prefixes.Add(Root);
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (tries < 10)
            {
            }
        }

        _ = Task.Run(ServeAsync);
    }

    public string Root { get; private set; } = "";

    /// <summary>The address of the feed.</summary>
    public string Index => $"{Root}index.json";

    /// <summary>Where each request for a package began.</summary>
    public List<long> Starts { get; } = [];

    /// <summary>How many bytes of a package are sent before the connection ends; null for all.</summary>
    public int? BreakAfter { get; set; }

    /// <summary>Whether the rest of a package can be asked for.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>What the feed says the hash of every package is; null for the truth, empty for nothing.</summary>
    public string? Hash { get; set; }

    public void Add(string id, byte[] package) => _packages[id.ToLowerInvariant()] = package;

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            try
            {
                Answer(context, context.Request.Url!.AbsolutePath.Trim('/').Split('/'));
            }
            catch (Exception e) when (e is HttpListenerException or IOException)
            {
                context.Response.Abort();
            }
        }
    }

    private void Answer(HttpListenerContext context, string[] path)
    {
        switch (path)
        {
            case ["index.json"]:
                Send(context, new { version = "3.0.0", resources = new[] { Resource("files", "PackageBaseAddress/3.0.0"), Resource("about", "RegistrationsBaseUrl/3.6.0") } });
                break;
            case ["files", var id, "index.json"] when _packages.ContainsKey(id):
                Send(context, new { versions = new[] { LibTorch.Version } });
                break;
            case ["about", var id, "index.json"] when _packages.ContainsKey(id):
                Send(context, Registration(id));
                break;
            case ["catalog", var id] when _packages.TryGetValue(id, out var package) && Hash != "":
                Send(context, new { packageHash = Hash ?? FakePackages.Hash(package), packageHashAlgorithm = "SHA512" });
                break;
            case ["files", var id, _, _] when _packages.TryGetValue(id, out var package):
                SendPackage(context, package);
                break;
            default:
                context.Response.StatusCode = 404;
                context.Response.Close();
                break;
        }
    }

    private void SendPackage(HttpListenerContext context, byte[] package)
    {
        var range = context.Request.Headers["Range"];
        var start = range is null ? 0 : long.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
        Starts.Add(start);
        if (!HasRanges)
            start = 0;
        else if (start >= package.Length)
        {
            context.Response.StatusCode = 416;
            context.Response.AddHeader("Content-Range", $"bytes */{package.Length}");
            context.Response.Close();
            return;
        }
        else if (start > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.AddHeader("Content-Range", $"bytes {start}-{package.Length - 1}/{package.Length}");
        }

        var length = (int)(package.Length - start);
        context.Response.ContentLength64 = length;
        var sent = Math.Min(length, BreakAfter ?? length);
        context.Response.OutputStream.Write(package, (int)start, sent);
        context.Response.OutputStream.Flush();
        if (sent < length)
            context.Response.Abort();
        else
            context.Response.Close();
    }

    private Dictionary<string, string> Resource(string path, string type) => new Dictionary<string, string> { ["@id"] = Root + path, ["@type"] = type };

    private Dictionary<string, object> Registration(string id)
    {
        var entry = new Dictionary<string, object> { ["@id"] = $"{Root}catalog/{id}", ["id"] = id, ["version"] = LibTorch.Version, ["listed"] = true };
        var leaf = new Dictionary<string, object> { ["@id"] = $"{Root}about/{id}/{LibTorch.Version}.json", ["catalogEntry"] = entry, ["packageContent"] = $"{Root}files/{id}" };
        var page = new Dictionary<string, object> { ["@id"] = $"{Root}about/{id}/page", ["count"] = 1, ["lower"] = LibTorch.Version, ["upper"] = LibTorch.Version, ["items"] = new[] { leaf } };
        return new Dictionary<string, object> { ["count"] = 1, ["items"] = new[] { page } };
    }

    private static void Send(HttpListenerContext context, object answer)
    {
        context.Response.ContentType = "application/json";
        var bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer));
        context.Response.Close(bytes, willBlock: true);
    }
}
