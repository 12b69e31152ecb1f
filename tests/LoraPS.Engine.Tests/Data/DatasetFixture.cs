using System.Text.Json;
using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using SkiaSharp;

namespace LoraPS.Engine.Tests.Data;

/// <summary>Numbers computed by sd-scripts 48d368fa, and pictures to compute ours from.</summary>
internal static class DatasetFixture
{
    public static JsonElement Json(string name)
    {
        using var stream = File.OpenRead(TestFiles.Fixture($"dataset/{name}"));
        return JsonDocument.Parse(stream).RootElement;
    }

    /// <summary>[width, height].</summary>
    public static ImageSize Size(this JsonElement pair) => new(pair[0].GetInt32(), pair[1].GetInt32());

    /// <summary>Bucket options under the reference's names.</summary>
    public static DatasetOptions Options(JsonElement json, bool enableBucket = true) => new()
    {
        Resolution = json.GetProperty("resolution").Size(),
        EnableBucket = enableBucket,
        BucketNoUpscale = json.GetProperty("bucket_no_upscale").GetBoolean(),
        MinBucketResolution = json.GetProperty("min_bucket_reso").GetInt32(),
        MaxBucketResolution = json.GetProperty("max_bucket_reso").GetInt32(),
        BucketResolutionSteps = json.GetProperty("bucket_reso_steps").GetInt32(),
    };

    /// <summary>Writes a picture of one colour, and a caption beside it where one is given.</summary>
    public static void WriteImage(string path, int width, int height, string? caption = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.Olive);
        WriteImage(path, bitmap);
        if (caption is not null)
            File.WriteAllText(Path.ChangeExtension(path, ".txt"), caption);
    }

    public static void WriteImage(string path, SKBitmap bitmap)
    {
        var format = path.EndsWith(".jpg", StringComparison.Ordinal) ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png;
        using var data = bitmap.Encode(format, 95);
        File.WriteAllBytes(path, data.ToArray());
    }

    /// <summary>Keeps what the engine tells, in order.</summary>
    public sealed class Events : IProgress<EngineEvent>
    {
        public List<EngineEvent> All { get; } = [];

        public IEnumerable<WarningEvent> Warnings => All.OfType<WarningEvent>();

        public void Report(EngineEvent value) => All.Add(value);
    }
}
