using LoraPS.Engine.Reports;
using LoraPS.Engine.Tests.Reports.Browser;

namespace LoraPS.Engine.Tests.Reports;

/// <summary>Pages as a browser shows them.</summary>
public sealed class ReportPageTests : IDisposable
{
    /// <summary>After which a browser that hangs is given up.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly int[] Widths = [360, 390, 1280];
    private static readonly string[] Schemes = ["light", "dark"];

    /// <summary>Names a page whose screenshots are to be those of docs/report: that of the quickstart.</summary>
    private const string PageVariable = "LORAPS_REPORT_PAGE";

    private readonly ReportCase _case = new();
    private readonly CancellationTokenSource _stop = new(Longest);

    /// <summary>The screenshots of the run lie in artifacts/report afterwards, to be looked at.</summary>
    [ChromiumFact]
    public async Task Every_page_loads_without_a_word_on_the_console_fits_every_screen_and_can_be_read()
    {
        var (browser, address) = await Chromium.StartAsync(_stop.Token);
        using var running = browser;
        using var page = await DevTools.OpenAsync(address, _stop.Token);
        var view = new PageView(page);
        var problems = new List<string>();
        foreach (var (name, path) in new[] { ("training", _case.Training()), ("lora", _case.Lora()), ("merge", _case.Merge()), ("hostile", _case.Hostile()) })
        {
            foreach (var (width, scheme) in Widths.SelectMany(width => Schemes.Select(scheme => (width, scheme))))
            {
                await view.OpenAsync(path, width, scheme);
                problems.AddRange((await view.ProblemsAsync()).Select(problem => $"{name} {width} {scheme}: {problem}"));
                if (width != Widths[0] && name != "hostile")
                    Save($"{name}-{width}-{scheme}.png", await view.ScreenshotAsync());
            }
        }

        Assert.Empty(problems);
    }

    [ChromiumFact]
    public async Task The_page_of_the_documentation_can_be_read()
    {
        var named = Environment.GetEnvironmentVariable(PageVariable);
        var (browser, address) = await Chromium.StartAsync(_stop.Token);
        using var running = browser;
        using var page = await DevTools.OpenAsync(address, _stop.Token);
        var view = new PageView(page);
        foreach (var (device, width) in new[] { ("phone", 390), ("desktop", 1280) })
        {
            foreach (var scheme in Schemes)
            {
                await view.OpenAsync(named ?? _case.Training(), width, scheme);
                Assert.Empty(await view.ProblemsAsync());
                if (named is not null)
                    File.WriteAllBytes(Path.Combine(TestFiles.RepositoryRoot, "docs", "report", $"{device}-{scheme}.png"), await view.ScreenshotAsync());
            }
        }
    }

    [ChromiumFact]
    public async Task What_is_wrong_with_a_page_is_found()
    {
        var (browser, address) = await Chromium.StartAsync(_stop.Token);
        using var running = browser;
        using var page = await DevTools.OpenAsync(address, _stop.Token);
        var view = new PageView(page);
        async Task<string> Found(string html)
        {
            await view.OpenAsync(_case.Write("bad.html", $"<!DOCTYPE html><link rel=icon href='data:,'><body>{html}"), 390, "light");
            return string.Join('\n', await view.ProblemsAsync());
        }

        Assert.Equal("", await Found("<p>well</p>"));
        Assert.Contains("Console: ", await Found("<script>console.error('no')</script>"), StringComparison.Ordinal);
        Assert.Contains("Exception: ", await Found("<script>throw new Error('no')</script>"), StringComparison.Ordinal);
        Assert.Contains("Failed: ", await Found("<img src='missing.png'>"), StringComparison.Ordinal);
        Assert.Contains("Request: ", await Found("<link rel=stylesheet href='other.css'>"), StringComparison.Ordinal);
        Assert.Contains("Not a picture: ", await Found("<img src='data:image/png;base64,AAAA'>"), StringComparison.Ordinal);
        Assert.Contains("pixels wide", await Found("<div style='width:2000px'>wide</div>"), StringComparison.Ordinal);
        Assert.Contains("Contrast ", await Found("<p style='color:#999'>pale</p>"), StringComparison.Ordinal);
        Assert.Contains("Content Security Policy", await Found("<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><img src='missing.png'>"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _case.Dispose();
    }

    private static void Save(string name, byte[] picture)
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestFiles.RepositoryRoot, "artifacts", "report")).FullName;
        File.WriteAllBytes(Path.Combine(folder, name), picture);
    }
}
