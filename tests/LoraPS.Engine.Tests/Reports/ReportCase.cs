using System.Globalization;
using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Reports;
using SkiaSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Reports;

/// <summary>A run that was written down, LoRAs and a merge, in a temporary folder.</summary>
internal sealed class ReportCase : IDisposable
{
    /// <summary>What a stranger might write into a file.</summary>
    public const string HostileText = "\"><script>alert('x')</script><img src=x onerror=alert(1)>'&amp;\u202Eevil\u0007";

    private readonly TemporaryFolder _folder = new();

    public string this[string name] => _folder.File(name);

    public static string A => TestFiles.Fixture("merge/A.safetensors");

    /// <summary>Writes a text file.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }

    /// <summary>The page of a run of some steps, with pictures, samples and validation.</summary>
    public string Training(int steps = 400, string page = "training.html") => Report(new ReportSource(Log(steps)), page).Path;

    /// <summary>The page of a LoRA.</summary>
    public string Lora() => Report(new ReportSource(A), "lora.html").Path;

    /// <summary>The page of a merge's result.</summary>
    public string Merge() => Report(ReportSource.Of(MergeResult())!, "merge.html").Path;

    /// <summary>The result of an SVD merge.</summary>
    public LoraMergeResult MergeResult() => LoraMerger.Merge(
        [new(A, 0.7), new(TestFiles.Fixture("merge/B.safetensors"), 0.3)], this["both.safetensors"],
        new() { Method = SvdMerge.MethodName, Numbers = new() { Rank = 4 }, Force = true });

    /// <summary>The page of a LoRA whose metadata means harm.</summary>
    public string Hostile() => Report(new ReportSource(HostileLora()), "hostile.html").Path;

    /// <summary>A LoRA whose metadata means harm.</summary>
    public string HostileLora()
    {
        var path = this["hostile.safetensors"];
        LoraMetadataEditor.Edit(A, path, new()
        {
            Set = new Dictionary<string, string>
            {
                [ModelSpec.TitleKey] = HostileText,
                [ModelSpec.Prefix + "trigger_phrase"] = HostileText,
                [LoraMetadata.NetworkModuleKey] = HostileText,
                ["ss_optimizer"] = HostileText[..40],
                ["ss_long"] = new string('W', 300_000),
                ["ss_bucket_info"] = """{"buckets": {"0": {"resolution": ["<b>", 1], "count": 3}}}""",
                [LoraMetadata.TagFrequencyKey] = JsonSerializer.Serialize(new { folder = new Dictionary<string, int> { [HostileText] = 3, [new string('x', 5000)] = 2 } }),
                ["<script>alert(1)</script>"] = "key",
            },
            Overwrite = true,
        });
        return path;
    }

    /// <summary>A LoRA with a number that is none.</summary>
    public string BrokenLora()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(A);
        var tensors = file.Tensors.ToDictionary(info => info.Name, info => file.Read(info.Name).clone());
        tensors.First(pair => pair.Key.EndsWith("lora_up.weight", StringComparison.Ordinal)).Value.fill_(float.NaN);
        SafetensorsWriter.Write(this["broken.safetensors"], tensors, new Dictionary<string, string>());
        return this["broken.safetensors"];
    }

    /// <summary>The log of a run, with the files it names.</summary>
    public string Log(int steps)
    {
        var lines = new List<object>
        {
            new
            {
                @event = "settings", time = "2026-01-02T03:04:05.678Z", hash = new string('a', 64), seed = 7, steps, epochs = 10, firstStep = 0,
                settings = new Dictionary<string, string> { ["Seed"] = "7", ["Model"] = "tiny 0123456789ab", ["UNetLearningRate"] = "0.001", ["LrSchedule.Name"] = "cosine", ["Loss.ScaleVelocityLikeNoise"] = "False" },
            },
            new { @event = "warning", id = "CaptionCut", message = "One caption is longer than 75 tokens and is cut." },
            new { @event = "dataset", pictures = Enumerable.Range(0, 9).Select(Picture) },
        };
        var noise = new Random(1);
        for (var step = 1; step <= steps; step++)
        {
            var done = (double)step / steps;
            lines.Add(new { @event = "step", step, epoch = 1 + ((step - 1) * 10 / steps), loss = 0.08 + (0.12 * Math.Exp(-4 * done)) + (0.03 * noise.NextDouble()), learningRate = 1e-3 * Math.Cos(done * Math.PI / 2), gradientNorm = 0.4 + noise.NextDouble(), seconds = 0.5 });
            if (step % Math.Max(1, steps / 4) != 0)
                continue;
            lines.Add(new { @event = "validation", step, loss = 0.12 + (0.1 * Math.Exp(-4 * done)) });
            foreach (var prompt in new[] { "a red circle in the snow", "two blue squares" })
                lines.Add(new { @event = "sample", step, prompt, path = Draw($"sample-{step.ToString(CultureInfo.InvariantCulture)}-{prompt[0]}.png", step * 3, 128, 128) });
        }

        File.Copy(A, this["cat.safetensors"], overwrite: true);
        lines.Add(new { @event = "saved", path = this["cat-000001.safetensors"], step = steps / 2, epoch = 5 });
        lines.Add(new { @event = "saved", path = this["cat.safetensors"], step = steps, epoch = 10 });
        lines.Add(new { @event = "finished", path = this["cat.safetensors"], steps, averageLoss = 0.1, seconds = steps / 2 });
        return Write("cat.jsonl", string.Concat(lines.Select(line => JsonSerializer.Serialize(line) + "\n")));
    }

    public LoraReportResult Report(ReportSource source, string page) => LoraReport.Write(source, this[page], new() { Force = true });

    public void Dispose() => _folder.Dispose();

    private object Picture(int index)
    {
        var (width, height) = index % 3 == 0 ? (96, 64) : (64, 64);
        return new
        {
            path = Draw($"photo-{index.ToString(CultureInfo.InvariantCulture)}.png", index * 40, width, height), caption = $"a circle, picture {index}", width, height,
            bucketWidth = width, bucketHeight = height, repeats = 4, use = index == 8 ? "Validation" : "Training",
        };
    }

    private string Draw(string name, int hue, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColor.FromHsv(hue % 360, 80, 90), IsAntialias = true })
        {
            canvas.Clear(SKColors.WhiteSmoke);
            canvas.DrawCircle(width / 2f, height / 2f, height / 3f, paint);
        }

        using var file = File.Create(this[name]);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
        return this[name];
    }
}
