using System.Diagnostics;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.ModelMaker;
using LoraPS.ToyModel.Judging;

namespace LoraPS.ToyModel;

/// <summary>Trains LoRAs of a zorb, does to them what the module can do, and tables the scores of the pictures.</summary>
internal static class QualityCommand
{
    /// <summary>Writes the table to the console.</summary>
    public static void Run(CommandLine line)
    {
        var (model, images) = (line.Text("model", "examples/models/toy"), line.Text("images", "examples"));
        var work = Directory.CreateDirectory(line.Text("work", "artifacts/toy-quality")).FullName;
        string At(string name) => Path.Combine(work, name);

        var clock = Stopwatch.StartNew();
        var lora = ZorbTraining.Run(model, images, At("zorb.safetensors"));
        Console.WriteLine(FormattableString.Invariant($"LoRA trained in {clock.Elapsed.TotalSeconds:0} s"));
        var dyLora = ZorbTraining.Run(model, images, At("zorb-dylora.safetensors"), NetworkKind.DyLora);
        using var jury = new PictureJury(model);
        Console.WriteLine("| | Zorb | World |\n|---|---|---|");
        Tell("the model alone", jury.Judge());
        Tell("LoRA", jury.Judge(new LoraSource(lora)));
        foreach (var ratio in new[] { 0.8, 0.7, 0.6, 0.5 })
            Tell(FormattableString.Invariant($"LoRA at ratio {ratio}"), jury.Judge(new LoraSource(lora, ratio)));
        Tell("LoRA with every block at 0", jury.Judge(new LoraSource(lora, Blocks: PictureJury.NoBlocks)));
        CheckpointFuser.Merge(model, [new LoraSource(lora)], At("merged"), new() { Overwrite = true });
        using (var merged = new PictureJury(At("merged")))
            Tell("LoRA merged into the model", merged.Judge());
        foreach (var rank in new[] { 6, 4, 2, 1 })
            Tell($"LoRA resized to rank {rank}", jury.Judge(new LoraSource(LoraResizer.Resize(lora, At($"rank-{rank}.safetensors"), new() { Rank = rank, Force = true }).Path)));
        var sum = LoraMerger.Merge([new(lora, 0.5), new(lora, 0.5)], At("svd.safetensors"), new() { Method = "Svd", Numbers = new() { Rank = ZorbTraining.Rank }, Force = true });
        Tell("LoRA merged with itself by SVD, half and half", jury.Judge(new LoraSource(sum.Path)));
        Tell("DyLoRA", jury.Judge(new LoraSource(dyLora)));
        foreach (var cut in DyLoraSplitter.Split(dyLora, At("cut.safetensors"), new() { Ranks = [6, 4, 2], Force = true }))
            Tell($"DyLoRA cut to rank {cut.Rank}", jury.Judge(new LoraSource(cut.Path)));
    }

    private static void Tell(string name, PictureScores scores) => Console.WriteLine(FormattableString.Invariant($"| {name} | {scores.Zorb:0.00} | {scores.World:0.00} |"));
}
