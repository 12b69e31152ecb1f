using System.Text.RegularExpressions;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Reports;
using LoraPS.Engine.Training;
using LoraPS.Engine.Tests.Training;

namespace LoraPS.Engine.Tests.Reports;

public sealed partial class LoraReportTests : IDisposable
{
    private readonly ReportCase _case = new();

    [Fact]
    public void The_page_of_a_run_holds_curves_pictures_weights_settings_and_files_with_hashes()
    {
        var result = _case.Report(new ReportSource(_case.Log(400)), "page.html");
        var page = File.ReadAllText(result.Path);
        Assert.Equal((ReportKind.Training, "cat", new FileInfo(result.Path).Length), (result.Kind, result.Title, result.Length));
        foreach (var id in new[] { "warnings", "curves", "samples", "weights", "dataset", "settings", "files" })
            Assert.Contains($"<h2 id=\"{id}\">", page, StringComparison.Ordinal);
        foreach (var id in new[] { "loss", "rate", "gradient", "spectrum" })
            Assert.Contains($"<title id=\"{id}-t\">", page, StringComparison.Ordinal);
        Assert.Contains(ModelHashes.Sha256(_case["cat.safetensors"]), page, StringComparison.Ordinal);
        Assert.Contains("not there any more", page, StringComparison.Ordinal);
        // 9 pictures of the data set, 2 prompts at 4 moments.
        Assert.Equal((17, 17), (result.PictureCount, Regex.Count(page, "<img src=\"data:image/jpeg;base64,")));
    }

    [Fact]
    public void Equal_inputs_give_equal_bytes_wherever_they_lie()
    {
        var source = new ReportSource(_case.Log(50));
        var first = File.ReadAllBytes(_case.Report(source, "a.html").Path);
        Assert.Equal(first, File.ReadAllBytes(_case.Report(source, "b.html").Path));
        Assert.DoesNotContain(Path.GetDirectoryName(_case["x"])!, File.ReadAllText(_case["a.html"]), StringComparison.Ordinal);
        using var moved = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_case["x"])!).Where(file => Path.GetExtension(file) != ".html"))
            File.Move(file, moved.File(Path.GetFileName(file)));
        Assert.Equal(first, File.ReadAllBytes(LoraReport.Write(new ReportSource(moved.Path), moved.File("c.html")).Path));
    }

    [Fact]
    public void The_page_of_a_long_run_is_hardly_larger_than_that_of_a_short_one()
    {
        var shorter = _case.Report(new ReportSource(_case.Log(1_000)), "short.html").Length;
        var longer = _case.Report(new ReportSource(_case.Log(100_000)), "long.html").Length;
        Assert.InRange(longer - shorter, 0, 30_000);
    }

    [Fact]
    public void Metadata_that_means_harm_is_text()
    {
        var page = File.ReadAllText(_case.Hostile());
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', page);
        Assert.DoesNotContain(new string('W', 5_000), page, StringComparison.Ordinal);
        Assert.Contains("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("Content-Security-Policy\" content=\"default-src &#39;none&#39;;", page, StringComparison.Ordinal);
        Assert.Contains("(300,000 characters)", page, StringComparison.Ordinal);
        AssertBalanced(page);
    }

    [Fact]
    public void No_page_asks_for_anything_from_elsewhere()
    {
        foreach (var path in new[] { _case.Training(50), _case.Lora(), _case.Merge(), _case.Hostile() })
        {
            var page = File.ReadAllText(path);
            Assert.All(References().Matches(page), match => Assert.Matches("^(data:|#)", match.Groups[1].Value));
            Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
            Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
            AssertBalanced(page);
        }
    }

    [Fact]
    public void The_page_of_a_merge_tells_its_sources_and_what_was_kept_of_each_module()
    {
        var result = _case.MergeResult();
        var page = File.ReadAllText(_case.Report(ReportSource.Of(result)!, "merge.html").Path);
        Assert.All(result.Sources, source => Assert.Contains(source.Sha256, page, StringComparison.Ordinal));
        Assert.All(result.Modules, module => Assert.Contains($"<code>{module.Name}</code>", page, StringComparison.Ordinal));
        Assert.Contains("<h2 id=\"errors\">", page, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"weights\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merged_file_alone_tells_its_sources()
    {
        var result = _case.MergeResult();
        var report = _case.Report(new ReportSource(result.Path), "file.html");
        Assert.Equal(ReportKind.Merge, report.Kind);
        Assert.All(result.Sources, source => Assert.Contains(source.Sha256, File.ReadAllText(report.Path), StringComparison.Ordinal));
    }

    [Fact]
    public void A_result_without_a_log_tells_of_the_run_from_memory()
    {
        using var folder = new TrainingFolder();
        var result = LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options());
        Assert.Null(result.LogPath);
        Assert.Equal(5, result.History!.Points.Count);
        var page = File.ReadAllText(_case.Report(ReportSource.Of(result)!, "run.html").Path);
        Assert.Contains("<title id=\"loss-t\">", page, StringComparison.Ordinal);
        Assert.Contains("a circle, 3", page, StringComparison.Ordinal);
        var logged = LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options() with { LogPath = folder["cat.jsonl"], Overwrite = true });
        Assert.Null(logged.History);
        Assert.Equal(folder["cat.jsonl"], logged.LogPath);
        var other = File.ReadAllText(_case.Report(ReportSource.Of(logged)!, "logged.html").Path);
        Assert.Equal(Curves(page), Curves(other));
    }

    [Fact]
    public void An_older_page_stays_unless_it_may_be_replaced()
    {
        File.WriteAllText(_case["old.html"], "old");
        Assert.Throws<DestinationExistsException>(() => LoraReport.Write(new ReportSource(ReportCase.A), _case["old.html"]));
        Assert.Equal("old", File.ReadAllText(_case["old.html"]));
        _case.Report(new ReportSource(ReportCase.A), "old.html");
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_case["old.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_reported_on_is_told()
    {
        Assert.Throws<MissingFileException>(() => LoraReport.KindOf(new ReportSource(_case["missing.safetensors"])));
        var empty = Directory.CreateDirectory(_case["empty"]).FullName;
        Assert.Equal("ReportSourceUnrecognised", Assert.Throws<ReportSourceException>(() => LoraReport.KindOf(new ReportSource(empty))).ErrorId);
        _case.Log(1);
        File.Copy(_case["cat.jsonl"], _case["dog.jsonl"]);
        Assert.Equal("ReportSourceAmbiguous", Assert.Throws<ReportSourceException>(() => LoraReport.KindOf(new ReportSource(Path.GetDirectoryName(_case["x"])!))).ErrorId);
        Assert.Equal("RunLogUnrecognised", Assert.Throws<LoraPS.Engine.Training.History.RunHistoryException>(() => _case.Report(new ReportSource(_case.Write("notes.txt", "hello\n{}\n")), "x.html")).ErrorId);
        Assert.False(File.Exists(_case["x.html"]));
    }

    [Fact]
    public void A_LoRA_that_cannot_be_measured_is_reported_on_all_the_same()
    {
        var page = File.ReadAllText(_case.Report(new ReportSource(_case.BrokenLora()), "n.html").Path);
        Assert.Contains("The weights cannot be measured", page, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"files\">", page, StringComparison.Ordinal);
    }

    public void Dispose() => _case.Dispose();

    private static string Curves(string page) => Regex.Match(page, "<title id=\"loss-t\">.*?</svg>", RegexOptions.Singleline).Value;

    /// <summary>Every element that is opened is closed, in turn.</summary>
    private static void AssertBalanced(string page)
    {
        string[] alone = ["meta", "link", "img", "wbr", "path"];
        var open = new Stack<string>();
        foreach (Match tag in Tags().Matches(page))
        {
            var name = tag.Groups[2].Value;
            if (tag.Groups[1].Length > 0)
                Assert.Equal(name, open.Pop());
            else if (!alone.Contains(name))
                open.Push(name);
        }

        Assert.Empty(open);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]*)")]
    private static partial Regex References();

    [GeneratedRegex("<(/?)([a-z][a-z0-9]*)[^>]*>")]
    private static partial Regex Tags();
}
