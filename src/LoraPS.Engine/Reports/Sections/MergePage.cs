using LoraPS.Engine.Merging;
using LoraPS.Engine.Reports.Charts;
using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>The page of a LoRA or a model that was made of others.</summary>
internal static class MergePage
{
    /// <summary>The page.</summary>
    public static Page Of(MergeFacts merge) => new(
        "Merge", merge.Name, Subtitle(merge), [.. KeyFigures(merge)],
        [
            Sources(merge),
            Errors(merge),
            WeightSection.Of(merge.Lora),
            SettingSection.Of("Settings", merge.Options),
            FileSection.Of(merge.Files),
            MetadataSection.Of(merge.Metadata),
        ]);

    private static string Subtitle(MergeFacts merge) =>
        $"{(merge.Method.Length > 0 ? LongText.Cut(merge.Method, 60) : "Made")} of {Figures.Plural(merge.Inputs.Count, "file")}";

    private static IEnumerable<(string Name, string Value)> KeyFigures(MergeFacts merge) =>
    [
        .. merge.Modules is { Count: > 0 } modules ? new[] { ("Error", Figures.Percent(ModuleReport.OverallError(modules))) } : [],
        .. merge.Figures,
        .. merge.Lora is not null ? LoraPage.KeyFigures(merge.Lora) : merge.Files.Take(1).Select(file => ("File size", Figures.Bytes(file.Length ?? 0))),
    ];

    private static Section Sources(MergeFacts merge)
    {
        var hasBlocks = merge.Inputs.Any(input => input.Blocks.Length > 0);
        var table = new Table("What it was made of", hasBlocks ? ["File", "What it is", "Ratio#", "Blocks%", "SHA-256%"] : ["File", "What it is", "Ratio#", "SHA-256%"]);
        foreach (var input in merge.Inputs)
        {
            table.Add(
            [
                Markup.Of($"{LongText.Cut(input.Name, 80)}"), Markup.Of($"{input.Role}"), Markup.Of($"{(input.Ratio is { } ratio ? Figures.Number(ratio) : "")}"),
                .. hasBlocks ? new[] { Markup.Of($"{LongText.Cut(input.Blocks, 400)}") } : [], Markup.Of($"""<span class="hash">{LongText.Cut(input.Sha256, 80)}</span>"""),
            ]);
        }

        var unmatched = merge.Unmatched.Count == 0 ? default : Markup.Of(
            $"""<p class="warn">{Figures.Plural(merge.Unmatched.Count, "module")} of the LoRAs had no effect: the model does not have the layers.</p><details><summary>Which</summary><pre>{string.Join('\n', merge.Unmatched)}</pre></details>""");
        return new("sources", "Sources", Markup.Of($"{table.Render()}{unmatched}"));
    }

    private static Section Errors(MergeFacts merge)
    {
        const string Id = "errors", Title = "What was kept";
        if (merge.Modules is null)
            return new(Id, Title, merge.Lora is null ? default : Markup.Of($"""<p class="note">How near each module comes to the exact sum is told by the result of the command that merged, not by the file.</p>"""));
        return new(Id, Title, Markup.Of(
            $"""
            <p class="note">The error of a module is the distance of what was written from the weight difference aimed at, as a share of its norm.</p>
            {ErrorMap(merge.Modules)}<details><summary>{Figures.Plural(merge.Modules.Count, "module")}</summary>{ErrorTable(merge.Modules)}</details>
            """));
    }

    private static Markup ErrorMap(IReadOnlyList<ModuleReport> modules)
    {
        var columns = ModuleRole.All.Where(role => modules.Any(module => ModuleRole.Of(module.Name) == role)).ToList();
        var map = new HeatMap("Error by block and kind of layer", "block", ["all", .. columns]) { Format = Figures.Percent };
        foreach (var block in modules.GroupBy(module => module.Block).OrderBy(block => block.Key is { } key ? (int)key : int.MaxValue))
        {
            var byRole = block.ToLookup(module => ModuleRole.Of(module.Name));
            map.Add(
                block.Key?.ToString() ?? "none",
                [ModuleReport.OverallError([.. block]), .. columns.Select(role => byRole.Contains(role) ? ModuleReport.OverallError([.. byRole[role]]) : (double?)null)]);
        }

        return map.Render();
    }

    private static Markup ErrorTable(IReadOnlyList<ModuleReport> modules)
    {
        var table = new Table("Modules, the largest error first", "Module%", "Block", "Rank#", "Alpha#", "Norm#", "Error#", "Kept#");
        foreach (var module in modules.OrderByDescending(module => module.RelativeError).ThenBy(module => module.Name, StringComparer.Ordinal))
        {
            table.Add(
                Markup.Of($"<code>{module.Name}</code>"), Markup.Of($"{module.Block?.ToString()}"), Markup.Of($"{module.Rank}"), Markup.Of($"{Figures.Number(module.Alpha)}"),
                Markup.Of($"{Figures.Compact(module.Norm)}"), Markup.Of($"{Figures.Percent(module.RelativeError)}"), Markup.Of($"{Figures.Percent(module.Retained)}"));
        }

        return table.Render();
    }
}
