namespace LoraPS.Engine.Formats.Torch;

/// <summary>What can be wrong with a file that torch.save wrote. Names are part of the error ids: never rename one.</summary>
public enum TorchFileProblem
{
    /// <summary>Written before PyTorch 1.6, in a form that is not read.</summary>
    Legacy,

    /// <summary>The zip archive is damaged, cut short, compressed, or not one of torch.save.</summary>
    Archive,

    /// <summary>The pickle calls for something other than tensors: it could run code.</summary>
    Global,

    /// <summary>The pickle uses an instruction that files of tensors do not need.</summary>
    Opcode,

    /// <summary>The pickle is cut short or contradicts itself.</summary>
    Pickle,

    /// <summary>The pickle is larger than any file of tensors has need of.</summary>
    Limit,

    /// <summary>What the pickle holds is no dictionary of tensors.</summary>
    Contents,

    /// <summary>A tensor reaches outside of its storage, or is of a type that cannot be held.</summary>
    Tensor,
}
