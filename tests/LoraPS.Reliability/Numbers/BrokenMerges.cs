using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Models;
using LoraPS.Engine.Sampling;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Merging;
using static TorchSharp.torch;

namespace LoraPS.Reliability.Numbers;

/// <summary>One number of one module of a LoRA, or of a model, is not finite, in every command that computes with it.</summary>
internal static class BrokenMerges
{
    private static readonly float[] Bad = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    private static readonly string[] Tensors = [".lora_down.weight", ".lora_up.weight", ".alpha"];

    /// <summary>Tries all commands.</summary>
    public static void Run(Counts counts)
    {
        foreach (var command in MergeMethods.Names.Concat(["Resize", "Weigh", "Into a model", "Into a folder", "Attach", "Measure", "Compare"]))
            TryLora(command, counts);
        foreach (var command in new[] { "Sum of models", "Extract" })
            TryModel(command, counts);
    }

    private static void TryLora(string command, Counts counts)
    {
        using var work = new FuseCase();
        using var scope = NewDisposeScope();
        var model = command == "Into a folder" ? work.WriteFolder("model", FuseCase.Model) : FuseCase.Model;
        var (found, failures, tried) = (new Dictionary<string, int>(), new List<string>(), 0);
        string[] modules;
        using (var file = SafetensorsFile.Open(FuseCase.LierLa))
            modules = [.. file.Tensors.Where(info => info.Name.EndsWith(".alpha", StringComparison.Ordinal)).Select(info => info.Name[..^".alpha".Length])];
        foreach (var (bad, suffix, module) in Bad.SelectMany(bad => Tensors.Select(suffix => (bad, suffix, modules[tried++ * 7 % modules.Length]))))
        {
            var broken = work.WriteChanged("broken.safetensors", FuseCase.LierLa, (name, tensor) => name == module + suffix ? Broken(tensor, bad) : tensor);
            NumberTrials.MustRefuse(() => Use(command, work, model, broken), module, found, failures);
            if (Path.Exists(work.File("out.safetensors")) || Path.Exists(work.File("out")))
                failures.Add($"{module}{suffix} = {bad}: a file was written");
        }

        NumberTrials.Add(counts, "LoRA", command, tried, found, failures);
    }

    private static void Use(string command, FuseCase work, string model, string broken)
    {
        var output = work.File(command == "Into a folder" ? "out" : "out.safetensors");
        switch (command)
        {
            case "Resize":
                LoraResizer.Resize(broken, output, new() { Rank = 2 });
                break;
            case "Weigh":
                LoraWeighter.Write(new(broken, 0.5), output);
                break;
            case "Into a model" or "Into a folder":
                CheckpointFuser.Merge(model, [new(FuseCase.LierLa, 0.5), new(broken, 0.5)], output, new());
                break;
            case "Attach":
                using (var loaded = StableDiffusionModel.Load(model))
                    AttachedLoras.Attach(loaded, [new(broken)]).Dispose();
                break;
            case "Measure":
                LoraMeasure.Measure(broken);
                break;
            case "Compare":
                LoraComparison.Compare(FuseCase.LierLa, broken);
                break;
            default:
                LoraMerger.Merge([new(FuseCase.LierLa, 0.5), new(broken, 0.5)], output, new() { Method = command, Numbers = new() { Rank = command == SvdMerge.MethodName ? 2 : null } });
                break;
        }
    }

    private static void TryModel(string command, Counts counts)
    {
        using var work = new FuseCase();
        using var scope = NewDisposeScope();
        var (found, failures, tried) = (new Dictionary<string, int>(), new List<string>(), 0);
        var name = FuseCase.Prefix + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
        foreach (var bad in Bad)
        {
            tried++;
            var broken = work.WriteChanged("broken.safetensors", FuseCase.Model, (key, tensor) => key == name ? Broken(tensor, bad) : tensor);
            NumberTrials.MustRefuse(
                () =>
                {
                    if (command == "Extract")
                        LoraExtractor.Extract(FuseCase.Model, broken, work.Destination);
                    else
                        CheckpointMerger.Merge([new(FuseCase.Model), new(broken)], work.Destination);
                },
                name, found, failures);
        }

        NumberTrials.Add(counts, "Model", command, tried, found, failures);
    }

    private static Tensor Broken(Tensor whole, float bad)
    {
        var broken = whole.clone();
        broken.flatten()[broken.numel() / 2] = tensor(bad, broken.dtype);
        return broken;
    }
}
