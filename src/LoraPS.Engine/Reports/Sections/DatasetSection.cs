using System.Text.Json;
using LoraPS.Engine.Reports.Charts;
using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>The pictures of a training.</summary>
internal static class DatasetSection
{
    private const string Title = "Data set";
    private const int LongestCaption = 600;

    /// <summary>The data set of a run; where its log is silent, what its LoRA says.</summary>
    public static Section Of(TrainingFacts run)
    {
        var pictures = run.History.Pictures;
        if (pictures.Count == 0)
            return Of(run.Lora?.File.Metadata ?? new Dictionary<string, string>());
        var buckets = pictures.GroupBy(picture => (picture.BucketWidth, picture.BucketHeight)).OrderBy(bucket => bucket.Key)
            .Select(bucket => ($"{bucket.Key.BucketWidth} × {bucket.Key.BucketHeight}", (long)bucket.Count())).ToList();
        return new("dataset", Title, Markup.Of($"<h3>Buckets</h3>{BarTable.Render("Pictures by the size they are trained at", "Size", "Pictures", buckets)}{Pictures(run)}"));
    }

    /// <summary>What a LoRA file says of its data set.</summary>
    public static Section Of(IReadOnlyDictionary<string, string> metadata)
    {
        var bars = BarTable.Render("Pictures, with repeats, by the size they were trained at", "Size", "Pictures, with repeats", Buckets(metadata.GetValueOrDefault("ss_bucket_info")));
        return new("dataset", Title, bars.IsEmpty ? default : Markup.Of($"<h3>Buckets</h3>{bars}"));
    }

    private static Markup Pictures(TrainingFacts run)
    {
        var all = run.History.Pictures;
        var table = new Table("Pictures", "Picture", "File", "Size#", "Bucket#", "Repeats#", "Use", "Caption%");
        foreach (var picture in all.Take(run.MaxPictures))
        {
            table.Add(
                Small(run.Pictures.GetValueOrDefault(picture.Path)), Markup.Of($"{LongText.Cut(picture.Path.Split('/', '\\')[^1], 60)}"), Markup.Of($"{picture.Width} × {picture.Height}"),
                Markup.Of($"{picture.BucketWidth} × {picture.BucketHeight}"), Markup.Of($"{picture.Repeats}"), Markup.Of($"{Use(picture.Use)}"), Markup.Of($"{LongText.Cut(picture.Caption, LongestCaption)}"));
        }

        var left = all.Count - run.MaxPictures;
        return Markup.Of($"<h3>{Figures.Plural(all.Count, "picture")}</h3>{table.Render()}{(left > 0 ? Markup.Of($"""<p class="note">{Figures.Plural(left, "more picture is", "more pictures are")} not shown.</p>""") : default)}");
    }

    private static Markup Small(Thumbnail? picture) => picture is null
        ? Markup.Of($"""<span class="note">missing</span>""")
        : Markup.Of($"""<img src="{picture.DataUri}" width="{picture.Width}" height="{picture.Height}" alt="">""");

    private static string Use(PictureUse use) => use switch
    {
        PictureUse.Regularization => "regularisation",
        PictureUse.Validation => "validation",
        _ => "training",
    };

    private static IReadOnlyList<(string Name, long Count)> Buckets(string? json)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? "{}");
            return document.RootElement.TryGetProperty("buckets", out var buckets)
                ? [.. buckets.EnumerateObject().Select(bucket => bucket.Value).Select(bucket => (Size(bucket.GetProperty("resolution")), bucket.GetProperty("count").GetInt64()))]
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException or FormatException)
        {
            // Metadata is anybody's text.
            return [];
        }
    }

    private static string Size(JsonElement sides) => $"{sides[0].GetInt32()} × {sides[1].GetInt32()}";
}
