using System.Text.Json.Nodes;

namespace LoraPS.Engine.Tests.Reports.Browser;

/// <summary>A page as it is seen at one width in one colour scheme.</summary>
internal sealed class PageView(DevTools page)
{
    private const int Phone = 600;

    /// <summary>WCAG 2.2, 1.4.3: relative luminances of text and what is behind it, at least 4.5 to 1.</summary>
    private const string PoorContrasts = """
        (() => {
          const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          const rgba = colour => { pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); return [...pixel.getImageData(0, 0, 1, 1).data]; };
          const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const behind = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
          const poor = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (words.nextNode()) {
            const e = words.currentNode.parentElement;
            if (!words.currentNode.data.trim() || e.closest('svg,style') || !e.checkVisibility()) continue;
            const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
            const contrast = (a + 0.05) / (b + 0.05);
            if (contrast < 4.5) poor.push(`${contrast.toFixed(2)}: ${words.currentNode.data.trim().slice(0, 40)}`);
          }
          return poor;
        })()
        """;

    private const string BrokenPictures = "Promise.all([...document.images].map(i => i.decode().then(() => '', () => i.src.slice(0, 60)))).then(all => all.filter(s => s))";

    private string _address = "";

    /// <summary>Opens a page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="scheme">"light" or "dark".</param>
    public async Task OpenAsync(string path, int width, string scheme)
    {
        await page.CallAsync("Emulation.setDeviceMetricsOverride", new { width, height = 844, deviceScaleFactor = 1, mobile = width < Phone });
        await page.CallAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });
        var address = new Uri(path);
        _address = address.AbsoluteUri;
        await page.NavigateAsync(address);
    }

    /// <summary>What went wrong: words on the console, scripts that failed, files that were asked for or did not come, pictures that cannot be shown, a page wider than the screen, text that is hard to read.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync()
    {
        var width = await page.EvaluateAsync("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
        var broken = await page.EvaluateAsync(BrokenPictures);
        var poor = await page.EvaluateAsync(PoorContrasts);
        return
        [
            .. page.Events.Select(told => Problem(told.Method, told.Parameters)).OfType<string>(),
            .. (int)width![0]! > (int)width[1]! ? new[] { $"The page is {width[0]} pixels wide on a screen of {width[1]}." } : [],
            .. broken!.AsArray().Select(source => $"Not a picture: {source}"),
            .. poor!.AsArray().Select(text => $"Contrast {text}"),
        ];
    }

    /// <summary>A picture of the whole page.</summary>
    public async Task<byte[]> ScreenshotAsync()
    {
        var size = (await page.CallAsync("Page.getLayoutMetrics"))["cssContentSize"]!;
        var shot = await page.CallAsync("Page.captureScreenshot", new
        {
            format = "png", captureBeyondViewport = true, clip = new { x = 0, y = 0, width = (double)size["width"]!, height = (double)size["height"]!, scale = 1 },
        });
        return Convert.FromBase64String((string)shot["data"]!);
    }

    /// <summary>What an event tells of a failure; null for other events.</summary>
    private string? Problem(string method, JsonNode told) => method switch
    {
        "Log.entryAdded" when (string)told["entry"]!["level"]! is "error" or "warning" => $"Log: {told["entry"]!["text"]} {told["entry"]!["url"]}",
        "Runtime.exceptionThrown" => $"Exception: {told["exceptionDetails"]!.ToJsonString()}",
        "Runtime.consoleAPICalled" => $"Console: {told["args"]!.ToJsonString()}",
        "Network.loadingFailed" => $"Failed: {told["errorText"]} {told["type"]}",
        "Network.requestWillBeSent" when (string)told["request"]!["url"]! is var url && url != _address && !url.StartsWith("data:", StringComparison.Ordinal) => $"Request: {url}",
        _ => null,
    };
}
