using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace LoraPS.Engine.Tests.Reports.Browser;

/// <summary>A page of a browser, steered by the DevTools protocol.</summary>
internal sealed class DevTools : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationToken _stop;
    private string? _session;
    private int _last;

    private DevTools(CancellationToken stop) => _stop = stop;

    /// <summary>All that the browser told by itself, in order.</summary>
    public List<(string Method, JsonNode Parameters)> Events { get; } = [];

    /// <summary>Opens an empty page.</summary>
    public static async Task<DevTools> OpenAsync(Uri browser, CancellationToken stop)
    {
        var page = new DevTools(stop);
        await page._socket.ConnectAsync(browser, stop);
        var target = await page.CallAsync("Target.createTarget", new { url = "about:blank" });
        var attached = await page.CallAsync("Target.attachToTarget", new { targetId = (string)target["targetId"]!, flatten = true });
        page._session = (string)attached["sessionId"]!;
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
            await page.CallAsync($"{domain}.enable");
        return page;
    }

    /// <summary>Calls a method and waits for its result.</summary>
    public async Task<JsonNode> CallAsync(string method, object? parameters = null)
    {
        var id = ++_last;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = System.Text.Json.JsonSerializer.SerializeToNode(parameters ?? new { }) };
        if (_session is not null)
            call["sessionId"] = _session;
        await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, _stop);
        var answer = await ReadUntilAsync(message => (int?)message["id"] == id);
        return answer["error"] is { } error ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}") : answer["result"]!;
    }

    /// <summary>Goes to an address and waits until everything is loaded.</summary>
    public async Task NavigateAsync(Uri address)
    {
        Events.Clear();
        await CallAsync("Page.navigate", new { url = address.AbsoluteUri });
        if (!Events.Exists(told => told.Method == "Page.loadEventFired"))
            await ReadUntilAsync(message => (string?)message["method"] == "Page.loadEventFired");
    }

    /// <summary>The value of an expression, a promise's too.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        return answer["exceptionDetails"] is { } thrown ? throw new InvalidOperationException(thrown.ToJsonString()) : answer["result"]!["value"];
    }

    public void Dispose() => _socket.Dispose();

    private async Task<JsonNode> ReadUntilAsync(Func<JsonNode, bool> isAwaited)
    {
        while (true)
        {
            var message = await ReadAsync();
            if (message["method"] is { } method)
                Events.Add(((string)method!, message["params"]!));
            if (isAwaited(message))
                return message;
        }
    }

    private async Task<JsonNode> ReadAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(new ArraySegment<byte>(buffer), _stop);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        message.Position = 0;
        return JsonNode.Parse(message)!;
    }
}
