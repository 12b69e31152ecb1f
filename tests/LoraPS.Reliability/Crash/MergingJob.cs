using LoraPS.Engine.Merging;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Merging;

namespace LoraPS.Reliability.Crash;

/// <summary>Two results that are written over each other again and again, with one destination.</summary>
/// <param name="folder">Where all its files are.</param>
/// <param name="kind">svd, fuse, folder or resize.</param>
internal sealed class MergingJob(string folder, string kind) : CrashJob(folder)
{
    private static readonly double[] Ratios = [0.5, 2];

    private string Destination => Path.Combine(Output, kind == "folder" ? "merged" : "out.safetensors");

    private string ModelFolder => Path.Combine(Folder, "model");

    public override void Prepare()
    {
        if (kind != "folder")
            return;
        using var made = new FuseCase();
        Directory.Move(made.WriteFolder("model", FuseCase.Model), ModelFolder);
        // Files beside the weights, which are copied.
        for (var i = 0; i < 20; i++)
            File.WriteAllText(Path.Combine(ModelFolder, $"note-{i}.json"), $"{{\"note\": {i}}}");
    }

    public override void Work()
    {
        while (true)
        {
            foreach (var ratio in Ratios)
                Run(ratio);
        }
    }

    public override void Finish() => Run(Ratios[0]);

    public override void Replace() => Run(Ratios[1]);

    public override void Learn()
    {
        Run(Ratios[1]);
        foreach (var (name, hash) in OutputFiles.Hashes(Output))
            Known.Add((name, hash));
        base.Learn();
    }

    private void Run(double ratio)
    {
        LoraSource Lora(string name) => new(TestFiles.Fixture($"merge/{name}.safetensors"), ratio);
        switch (kind)
        {
            case "svd":
                LoraMerger.Merge([Lora("A"), Lora("C")], Destination, new() { Method = SvdMerge.MethodName, Numbers = new() { Rank = 3 }, Force = true });
                break;
            case "resize":
                LoraResizer.Resize(TestFiles.Fixture("merge/A.safetensors"), Destination, new() { Rank = ratio < 1 ? 2 : 3, Force = true });
                break;
            default:
                CheckpointFuser.Merge(
                    kind == "folder" ? ModelFolder : FuseCase.Model, [new(FuseCase.LierLa, ratio)], Destination, new() { Overwrite = true });
                break;
        }
    }
}
