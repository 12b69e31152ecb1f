using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Merging;
using static TorchSharp.torch;

namespace LoraPS.Reliability.Crash;

/// <summary>Two results that are written over each other again and again, with one destination.</summary>
/// <param name="folder">Where all its files are.</param>
/// <param name="kind">svd, fuse, large, folder or resize.</param>
internal sealed class MergingJob(string folder, string kind) : CrashJob(folder)
{
    private static readonly double[] Ratios = [0.5, 2];

    private string Destination => Path.Combine(Output, kind == "folder" ? "merged" : "out.safetensors");

    private string Model => kind switch
    {
        "folder" => Path.Combine(Folder, "model"),
        "large" => Path.Combine(Folder, "model.safetensors"),
        _ => FuseCase.Model,
    };

    public override void Prepare()
    {
        if (kind == "large")
            WriteLargeModel();
        if (kind == "folder")
            WriteFolder();
    }

    // Of so many bytes that the result is written in the background, in several blocks.
    private void WriteLargeModel()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(FuseCase.Model);
        var tensors = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => file.Read(tensor.Name));
        tensors.Add("more", ones(5 << 20, dtype: float16));
        SafetensorsWriter.Write(Model, tensors, new Dictionary<string, string>());
    }

    private void WriteFolder()
    {
        using var made = new FuseCase();
        Directory.Move(made.WriteFolder("model", FuseCase.Model), Model);
        // Files beside the weights, which are copied.
        for (var i = 0; i < 20; i++)
            File.WriteAllText(Path.Combine(Model, $"note-{i}.json"), $"{{\"note\": {i}}}");
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
                CheckpointFuser.Merge(Model, [new(FuseCase.LierLa, ratio)], Destination, new() { Overwrite = true });
                break;
        }
    }
}
